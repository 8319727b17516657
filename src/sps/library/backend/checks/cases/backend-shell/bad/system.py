import os


def drop(path):
    os.system("rm -r " + path)
