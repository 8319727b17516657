for key in client.keys("cart:*"):
    client.delete(key)
