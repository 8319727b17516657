def collect(item, into=None):
    target = [] if into is None else into
    target.append(item)
    return target
