def user(store, token):
    try:
        return store.session(token).user
    except StoreDown:
        return GUEST
