def size(value):
    if type(value) == list:
        return len(value)
