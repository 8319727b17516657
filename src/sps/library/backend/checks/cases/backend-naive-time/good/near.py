from datetime import UTC, datetime


def stamp(clock):
    return clock.now(), datetime.now(tz=UTC), datetime.now().astimezone()
