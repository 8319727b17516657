def login(logger, user, password):
    check(password)
    logger.info("password reset requested", extra={"user": user, "mask": mask(password), "password": True})
