def send(a, b, c, d, e, f, g, h):
    return a
