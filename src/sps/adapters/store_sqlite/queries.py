"""The SQL of this adapter, by name. It lives in `queries.sql`, in statements that begin with
`-- name: x` and a sentence on the next line."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

_FILE = Path(__file__).parent / "queries.sql"
_MARK = "-- name: "


@functools.cache
def queries() -> Mapping[str, str]:
    """Return name -> statement."""
    found: dict[str, str] = {}
    for part in _FILE.read_text(encoding="utf-8").split(f"\n{_MARK}")[1:]:
        name, _sentence, statement = part.split("\n", 2)
        found[name.strip()] = statement.strip()
    return found
