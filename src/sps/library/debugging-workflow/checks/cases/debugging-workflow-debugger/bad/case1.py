def f(x):
    breakpoint()
    return x
