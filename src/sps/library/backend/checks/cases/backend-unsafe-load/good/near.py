def job(store, payload):
    return store.loads(payload)
