import time


def rate(client, inbox):
    while True:
        try:
            return client.rate()
        except ConnectionError:
            time.sleep(jitter())
            continue
    while True:
        try:
            item = inbox.get()
        except TimeoutError:
            continue
        handle(item)
