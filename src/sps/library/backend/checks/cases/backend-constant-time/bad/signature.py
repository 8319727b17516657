def check(signature, body, key):
    if signature == sign(body, key):
        return True
    return False
