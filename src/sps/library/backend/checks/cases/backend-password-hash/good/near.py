import hashlib


def etag(body, password_policy):
    return hashlib.sha256(body).hexdigest(), hashlib.sha256(password_policy.text).hexdigest()
