from tenacity import retry


@retry
def rate(client):
    return client.rate()
