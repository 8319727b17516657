def f(a):
    if a:
        if a.b:
            if a.c:
                try:
                    for x in a:
                        g(x)
                except ValueError:
                    return
