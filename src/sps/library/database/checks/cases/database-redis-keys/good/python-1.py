for key in client.scan_iter(match="cart:*", count=500):
    client.unlink(key)
