def stamp(clock, seconds):
    return clock.utcnow(), datetime.fromtimestamp(seconds, tz=timezone.utc)
