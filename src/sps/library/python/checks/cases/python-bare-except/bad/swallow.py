def load(path):
    try:
        return read(path)
    except:
        return None
