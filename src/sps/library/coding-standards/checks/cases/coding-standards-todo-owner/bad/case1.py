# TODO make this faster
x = 1
