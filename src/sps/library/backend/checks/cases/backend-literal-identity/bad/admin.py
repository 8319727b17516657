def may_export(user):
    if user.username == "admin":
        return True
    return False
