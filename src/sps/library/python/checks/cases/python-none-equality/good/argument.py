def call(a):
    return a == 0 or a(default=None) == 1
