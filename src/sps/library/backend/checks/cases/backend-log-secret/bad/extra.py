def login(logger, user, password):
    logger.info("login", extra={"user": user, "password": password})
