def sync(user):
    try:
        remote.push(user)
    except (ValueError, Exception):
        pass
