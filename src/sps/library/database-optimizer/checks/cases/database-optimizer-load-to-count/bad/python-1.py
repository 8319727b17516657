n = len(Order.objects.filter(open=True))
