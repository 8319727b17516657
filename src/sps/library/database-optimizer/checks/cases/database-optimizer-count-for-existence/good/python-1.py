if Order.objects.filter(user=user).exists():
    ship()
