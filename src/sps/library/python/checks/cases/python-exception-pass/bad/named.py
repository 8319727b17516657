def sync(user):
    try:
        remote.push(user)
    except BaseException as err:
        ...
