import backoff
from tenacity import retry, stop_after_attempt, wait_random_exponential


@retry(stop=stop_after_attempt(3), wait=wait_random_exponential(max=10))
def rate(client):
    return client.rate()


@backoff.on_exception(backoff.expo, TimeoutError, max_tries=3)
def price(client):
    return client.price()
