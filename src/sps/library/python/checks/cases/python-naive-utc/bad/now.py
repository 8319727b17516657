def stamp():
    return datetime.utcnow().isoformat()
