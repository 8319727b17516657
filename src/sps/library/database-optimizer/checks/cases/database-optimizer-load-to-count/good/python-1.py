n = Order.objects.filter(open=True).count()
