try:
    run()
except Exception:
    logging.exception("failed")
    raise
