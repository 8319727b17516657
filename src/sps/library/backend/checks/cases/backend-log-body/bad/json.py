def handle(request, logger):
    logger.info("got", extra={"body": request.json})
