def login(logger, user, password):
    logger.info("login", extra={"user": user, "has_password": password is not None})
