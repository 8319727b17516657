import datetime


def expired(row):
    return row.expires < datetime.datetime.now()
