"""SQL by name: statements that begin with `-- name: x` and a sentence on the next line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

_SHARED = Path(__file__).parent / "queries.sql"
_MARK = "-- name: "


def statements(own: Path) -> Mapping[str, str]:
    """Return name -> statement: those that every database understands, and those of one alone in
    the file `own`. Raises `ValueError` for a name that is in both."""
    shared, special = _read(_SHARED), _read(own)
    if both := shared.keys() & special.keys():
        raise ValueError(f"statements in two files: {sorted(both)}")
    return {**shared, **special}


def _read(path: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in path.read_text(encoding="utf-8").split(f"\n{_MARK}")[1:]:
        name, _sentence, statement = part.split("\n", 2)
        found[name.strip()] = statement.strip()
    return found
