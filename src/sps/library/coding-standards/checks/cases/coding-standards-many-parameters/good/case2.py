def send(to, cc, *, a=1, b=2, c=3, d=4, e=5, f=6, g=7, h=8):
    return to


send(1, 2, a=3, b=4, c=5, d=6, e=7, f=8, g=9, h=0)
