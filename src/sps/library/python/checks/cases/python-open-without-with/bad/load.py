def settings(path):
    return json.load(open(path))
