"""Times for people and documents."""

from __future__ import annotations

from datetime import UTC, datetime


def rfc3339(milliseconds: int) -> str:
    """Return a UTC time with milliseconds, as in 2026-01-31T12:00:00.000Z."""
    moment = datetime.fromtimestamp(milliseconds / 1000, tz=UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{milliseconds % 1000:03d}Z"


def moment(text: str) -> int:
    """Return the milliseconds of a time that `rfc3339` wrote."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def compact(ms: int) -> str:
    """Return a moment to the second, as a part of a file name: 20260131T120000."""
    return rfc3339(ms)[:19].replace(":", "").replace("-", "")
