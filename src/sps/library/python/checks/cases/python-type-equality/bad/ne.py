def same(a, b):
    return not type(a) != type(b)
