def sync(user):
    try:
        remote.push(user)
    except ExceptionOfRemote:
        pass
