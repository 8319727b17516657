def text(path):
    return open(path, encoding="utf-8").read()
