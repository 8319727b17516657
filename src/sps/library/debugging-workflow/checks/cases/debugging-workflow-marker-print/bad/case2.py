def f(x):
    print(">>> debug 2", x)
    print("!!!", x)
