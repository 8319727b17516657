def may_export(user):
    return "export" in user.permissions
