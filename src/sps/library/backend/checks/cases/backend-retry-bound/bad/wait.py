import backoff
from tenacity import retry, wait_random_exponential


@retry(wait=wait_random_exponential(max=10))
def rate(client):
    return client.rate()


@backoff.on_exception(backoff.expo, TimeoutError)
def price(client):
    return client.price()
