def show(user):
    if user is None or user == "None":
        return "nobody"
