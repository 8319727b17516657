def f(a):
    for x in a:
        if x:
            while x:
                with x:
                    if x.y:
                        g()
