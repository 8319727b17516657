def may_export(user):
    return user.email == "anna@shop.example"
