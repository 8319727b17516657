def fetch(client, log):
    try:
        return client.rate()
    except TimeoutError:
        log.error("rate timed out, trying again")
        return client.rate()
