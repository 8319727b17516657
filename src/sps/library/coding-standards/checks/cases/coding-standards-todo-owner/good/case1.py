# TODO(ana): make this faster
# TODO #12 round
# FIXME PROJ-7 round
x = 1
