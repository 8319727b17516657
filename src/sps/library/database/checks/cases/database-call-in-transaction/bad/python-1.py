with transaction.atomic():
    order.save()
    requests.post(url, json=body, timeout=5)
