def f(a):
    for x in a:
        if x:
            while x:
                if x.y:
                    g()
