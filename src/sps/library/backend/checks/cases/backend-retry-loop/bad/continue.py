def rate(client):
    while True:
        try:
            return client.rate()
        except ConnectionError:
            continue
