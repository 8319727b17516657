def size(value):
    if isinstance(value, list) or type(value) is tuple:
        return len(value)
