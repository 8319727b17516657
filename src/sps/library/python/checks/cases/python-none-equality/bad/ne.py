def names(users):
    return [u.name for u in users if u.name != None and None != u.id]
