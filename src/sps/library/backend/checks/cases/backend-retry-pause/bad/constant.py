import time


def rate(client):
    for _ in range(3):
        try:
            return client.rate()
        except ConnectionError:
            time.sleep(5)
