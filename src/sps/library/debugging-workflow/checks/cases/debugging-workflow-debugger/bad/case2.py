import pdb


def f(x):
    pdb.set_trace()
    return x
