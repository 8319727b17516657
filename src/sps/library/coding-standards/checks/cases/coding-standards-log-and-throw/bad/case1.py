try:
    run()
except OSError as error:
    logger.error("failed: %s", error)
    raise
