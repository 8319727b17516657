def call(client, logger):
    response = client.get("/rates", timeout=5)
    logger.error("bad answer %s", response.text)
