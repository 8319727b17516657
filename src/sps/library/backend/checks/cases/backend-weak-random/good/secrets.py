import secrets

reset_token = secrets.token_urlsafe(32)
