def check(user, field, stored):
    return user.email == stored.email and field == "email" and user.role == "admin"
