if Order.objects.filter(user=user).count() > 0:
    ship()
