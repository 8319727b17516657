"""What an edit of a card changes, as the lines of a difference."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

FIELDS = (
    *("title", "body", "skills", "labels", "after", "priority", "scope", "accept"),
    *("agent", "model", "effort"),
)
MOST = 200  #: lines that an event keeps
_LONG = 200  #: characters of a line that an event keeps
_COMPARED = 1000  #: lines of a text; a longer one is not compared line by line


def card_difference(before: object, after: object) -> list[str]:
    """Return the lines that lead from one text of a card to another, field by field. A field that
    one of them does not have is left out."""
    return [line for name in FIELDS for line in _field(before, after, name)]


def kept_difference(before: object, after: object) -> list[str]:
    """Return the same, bounded, for an event to keep."""
    lines = card_difference(before, after)
    shown = [line if len(line) <= _LONG else f"{line[:_LONG]} \u2026" for line in lines[:MOST]]
    return shown if len(lines) <= MOST else [*shown, f"\u2026 {len(lines) - MOST} more lines"]


def _field(before: object, after: object, name: str) -> Iterator[str]:
    if not (hasattr(before, name) and hasattr(after, name)):
        return
    old, new = getattr(before, name), getattr(after, name)
    if old == new:
        return
    one, other = _lines(old), _lines(new)
    if max(len(one), len(other)) > _COMPARED:
        yield from (f"--- {name}", f"+++ {name}", f"@@ {len(one)} lines are now {len(other)} @@")
        return
    yield from difflib.unified_diff(one, other, name, name, lineterm="", n=2)


def _lines(value: object) -> list[str]:
    if isinstance(value, tuple | list):
        return [", ".join(map(str, value))] if value else []
    return str(value).split("\n") if value is not None else []
