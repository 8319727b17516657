with transaction.atomic():
    order.save()
    transaction.on_commit(lambda: requests.post(url, json=body, timeout=5))
