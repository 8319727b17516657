def stamp():
    return datetime.now(timezone.utc).isoformat()
