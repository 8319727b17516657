import bcrypt


def store(password):
    return bcrypt.hashpw(password, bcrypt.gensalt(rounds=8))
