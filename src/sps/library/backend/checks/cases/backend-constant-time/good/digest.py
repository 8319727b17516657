import hmac


def check(signature, body, key):
    return hmac.compare_digest(signature, sign(body, key))
