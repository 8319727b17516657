try:
    run()
except OSError:
    logger.warning("trying again")
except ValueError:
    cleanup()
    raise
