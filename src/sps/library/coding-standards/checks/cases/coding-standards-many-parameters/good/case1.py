def send(self, a, b, c, d, e, f, g):
    return a
