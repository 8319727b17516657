def fetch(client, log):
    try:
        return client.rate()
    except TimeoutError:
        log.warning("rate timed out, trying again")
        return client.rate()
