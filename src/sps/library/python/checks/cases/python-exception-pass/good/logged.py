def sync(user):
    try:
        remote.push(user)
    except Exception:
        logger.exception("push failed")
        return False
