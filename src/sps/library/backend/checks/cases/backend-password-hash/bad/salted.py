import hashlib


def store(user, salt):
    return hashlib.md5(salt + user.password).hexdigest()
