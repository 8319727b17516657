def names(orders):
    users = User.objects.filter(id__in=[o.user_id for o in orders])
    for user in users:
        yield user.name
    for user in User.objects.filter(active=True):
        print(user)
