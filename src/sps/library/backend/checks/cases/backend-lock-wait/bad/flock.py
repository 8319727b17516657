import fcntl


def take(file):
    fcntl.flock(file, fcntl.LOCK_EX)
