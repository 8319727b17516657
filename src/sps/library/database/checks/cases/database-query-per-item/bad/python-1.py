def names(orders):
    for order in orders:
        user = User.objects.get(id=order.user_id)
        yield user.name
