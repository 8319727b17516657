def handle(request, logger):
    logger.info("got", extra={"size": len(request.data), "kind": request.json["kind"]})
