import base64
import jwt


def kind(token):
    return jwt.get_unverified_header(token)["kid"], base64.b64decode(token, validate=False)
