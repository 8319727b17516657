def show(user):
    if user == None:
        return "nobody"
