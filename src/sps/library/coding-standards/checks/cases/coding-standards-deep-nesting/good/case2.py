def f(a):
    if a:
        for x in a:
            if x:
                while x:
                    def inner(b):
                        if b:
                            g(b)
                    inner(x)
    elif a == 1:
        g()
    elif a == 2:
        g()
    elif a == 3:
        g()
    elif a == 4:
        g()
