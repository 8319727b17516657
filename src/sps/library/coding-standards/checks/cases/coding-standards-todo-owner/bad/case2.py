x = 1  # FIXME: rounding
