import random


def start(session):
    session.otp = random.randint(100000, 999999)
