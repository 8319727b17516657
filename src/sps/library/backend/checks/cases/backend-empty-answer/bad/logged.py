def settings(client, log):
    try:
        return client.settings()
    except Exception as err:
        log.warning("no settings", extra={"cause": str(err)})
        return {}
