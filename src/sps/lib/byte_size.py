"""Numbers of bytes as people write them."""

from __future__ import annotations

import re

_FORM = re.compile(r"(\d{1,15}(?:\.\d{1,6})?)\s*([kmgt]?)(i?b)?", re.IGNORECASE)
_UNITS = ("", "k", "m", "g", "t")


def parse(text: str) -> int:
    """Read `10GiB`, `500M` or a plain number; units are powers of 1024. Raises `ValueError`."""
    found = _FORM.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no size: write it as 10GiB, 500MiB or a number of bytes")
    return int(float(found[1]) * 1024 ** _UNITS.index(found[2].lower()))


def show(size: int) -> str:
    """Write a number of bytes with one unit."""
    value, unit = float(size), 0
    while value >= 1024 and unit < len(_UNITS) - 1:
        value, unit = value / 1024, unit + 1
    if unit == 0:
        return f"{size} B"
    return f"{value:.1f} {_UNITS[unit].upper()}iB"
