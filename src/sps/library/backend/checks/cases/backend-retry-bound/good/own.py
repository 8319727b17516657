from ours.backoff import retry


@retry
def rate(client):
    return client.rate()
