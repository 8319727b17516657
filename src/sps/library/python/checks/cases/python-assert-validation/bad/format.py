def load(name):
    assert name in KNOWN, f"unknown name {name}"
    return KNOWN[name]
