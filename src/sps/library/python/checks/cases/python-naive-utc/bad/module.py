import datetime

def stamp(seconds):
    return datetime.datetime.utcfromtimestamp(seconds)
