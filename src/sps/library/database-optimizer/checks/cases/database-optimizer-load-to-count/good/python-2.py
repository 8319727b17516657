n = len(orders)
m = len(Order.objects.get(id=1).name)
k = len(load().all())
