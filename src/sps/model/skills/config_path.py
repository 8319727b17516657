"""Where a value stands in a configuration file: keys with dots, `*` for any key or index."""

from __future__ import annotations

import re

_SEGMENT = re.compile(r'"((?:[^"\\]|\\.)+)"|([^."\s]+)')

ConfigPath = tuple[str | None, ...]  #: None stands for `*`


def split_path(text: str) -> ConfigPath:
    """Take a path apart. Raises `ValueError` with the reason as its text."""
    out: list[str | None] = []
    at = 0
    while True:
        match = _SEGMENT.match(text, at)
        if match is None:
            raise ValueError(f"a key is missing at character {at + 1}")
        plain: str | None = match[2]
        if plain == "**":
            raise ValueError("** is not allowed; write one * per level")
        out.append(None if plain == "*" else plain or re.sub(r"\\(.)", r"\1", match[1]))
        at = match.end()
        if at == len(text):
            return tuple(out)
        if text[at] != ".":
            raise ValueError(f"a dot is missing at character {at + 1}; quote a key with spaces")
        at += 1


def star_prefix(path: ConfigPath) -> ConfigPath:
    """Return the part up to the last `*`, nothing when there is none."""
    stars = [number for number, key in enumerate(path) if key is None]
    return path[: stars[-1] + 1] if stars else ()
