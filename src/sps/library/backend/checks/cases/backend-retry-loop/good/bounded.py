def rate(client, pause):
    for attempt in range(3):
        try:
            return client.rate()
        except ConnectionError:
            pause(attempt)
    raise RateUnavailable
