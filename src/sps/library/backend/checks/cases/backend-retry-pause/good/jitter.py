import random
import time


def rate(client):
    for attempt in range(3):
        try:
            return client.rate()
        except ConnectionError:
            time.sleep(random.uniform(0, min(10, 0.2 * 2**attempt)))
