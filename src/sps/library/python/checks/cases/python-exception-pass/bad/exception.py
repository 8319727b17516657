def sync(user):
    try:
        remote.push(user)
    except Exception:
        pass
