def user(store, token):
    try:
        return store.session(token).user
    except StoreDown as err:
        raise Unavailable("sessions") from err
