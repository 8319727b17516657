def handle(request, logger):
    parsed = parse(request.json)
    logger.info("got", extra={"order": parsed.id, "status": request.status})
