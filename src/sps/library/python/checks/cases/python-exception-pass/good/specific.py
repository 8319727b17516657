def remove(path):
    try:
        path.unlink()
    except FileNotFoundError:
        pass
