with tarfile.open(path) as tar:
    tar.extractall(target, filter="data")
