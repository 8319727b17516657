"""Spans of time as people write them."""

from __future__ import annotations

import re

_SPAN = re.compile(r"(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,9})s)?")
_PLAIN = re.compile(r"\d{1,9}(?:\.\d{1,3})?")


def seconds(text: str) -> float | None:
    """Return the seconds of `2h`, `15m`, `90s`, `1h30m` or a plain number of seconds; None for
    anything else and for nothing."""
    if _PLAIN.fullmatch(text):
        return float(text) or None
    match = _SPAN.fullmatch(text)
    if match is None:
        return None
    days, hours, minutes, rest = (int(part or 0) for part in match.groups())
    return float(((days * 24 + hours) * 60 + minutes) * 60 + rest) or None


def words(span: float) -> str:
    """Return a span as it would be written in the file."""
    whole = int(span)
    if whole != span:
        return f"{span:g}s"
    parts: list[str] = []
    for size, unit in ((3600, "h"), (60, "m"), (1, "s")):
        count, whole = divmod(whole, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
