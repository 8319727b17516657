import os


def pack(settings):
    os.system(settings.command)
