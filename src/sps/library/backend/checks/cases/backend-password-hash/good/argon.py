from argon2 import PasswordHasher


def store(password):
    return PasswordHasher().hash(password)
