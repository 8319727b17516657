if names.count("a") > 0:
    go()
if Order.objects.count() > 100:
    go()
total = Order.objects.filter(user=user).count()
