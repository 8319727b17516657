def f(x):
    print("here")
    return x
