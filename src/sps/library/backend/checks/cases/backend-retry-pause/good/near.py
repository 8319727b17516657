import time


def poll(client):
    while client.running():
        time.sleep(5)
    try:
        client.stop()
    except ConnectionError:
        time.sleep(1)
