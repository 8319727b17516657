import functools


@functools.cache
def rate(code):
    return load(code)
