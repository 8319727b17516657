import fcntl


def take(file, own):
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    own.lock("door")
    fcntl.flock(file, fcntl.LOCK_UN)
