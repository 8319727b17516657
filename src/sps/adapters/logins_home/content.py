"""What stands in the file of a login: its secret values, and until when it counts."""

from __future__ import annotations

import base64
import binascii
import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

_SHORTEST = 12  # shorter values would hide ordinary words
_MILLI = 100_000_000_000  # a number of seconds beyond this is one of milliseconds


def is_whole(name: str, content: bytes) -> bool:
    """Say whether this can be a login file: not one that is empty or half written."""
    if not content.strip():
        return False
    if name.endswith(".json"):
        return isinstance(_json(content), dict)
    return True


def secrets(content: bytes) -> frozenset[str]:
    """Return the values in a login's file that must not be shown: long texts of JSON, or what
    stands behind the = of each line."""
    found = _json(content)
    values = _texts(found) if isinstance(found, dict | list) else _lines(content)
    return frozenset(filter(is_secret, values))


def is_secret(value: str) -> bool:
    """Say whether a text is long and odd enough to be a secret."""
    if len(value) < _SHORTEST or "://" in value or " " in value or value.startswith("/"):
        return False
    return "@" not in value and not value.isdigit()


def expiry(content: bytes, path: tuple[str, ...]) -> int:
    """Return the time (milliseconds) until which a login counts without being renewed: the number,
    ISO time or JWT at this place of its JSON; 0 when it does not say."""
    found = _json(content)
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    if isinstance(found, str):
        found = _of_token(found) if found.count(".") == 2 else _of_time(found)
    if not isinstance(found, int | float) or isinstance(found, bool) or found <= 0:
        return 0
    return int(found if found > _MILLI else found * 1000)


def _json(content: bytes) -> object:
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, RecursionError):
        return None


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _lines(content: bytes) -> Iterator[str]:
    for line in content.decode(errors="replace").splitlines():
        name, equals, value = line.partition("=")
        yield (value if equals else name).strip().strip("\"'")


def _of_time(text: str) -> float:
    with contextlib.suppress(ValueError):
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return 0


def _of_token(text: str) -> object:
    part = text.split(".")[1]
    with contextlib.suppress(binascii.Error, ValueError):
        found = _json(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        return found.get("exp") if isinstance(found, dict) else 0
    return 0
