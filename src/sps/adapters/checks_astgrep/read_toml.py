"""TOML with lines: the standard library gives the values, a scan of the text their places."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

from sps.adapters.checks_astgrep.document import BrokenDocument, Place

#: What matters between the beginning of a statement and its end.
_TOKEN = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|#[^\n]*|[\[\]{}\n]',
    re.DOTALL,
)


def read(text: str) -> list[Place]:
    """Return the document. Raises `BrokenDocument`."""
    _parsed(text)
    root = Place(1, text.count("\n") + 1)
    table = root
    for line, statement in _statements(text):
        if statement.startswith("["):
            table = _table(root, statement, line)
        else:
            for key, value in _parsed(statement).items():
                _fill(table, key, value, line=line, last=line + statement.count("\n"))
    return [root]


def _parsed(text: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as err:
        raise BrokenDocument(f"no TOML: {err}") from err


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Give each table header and each key with its value, and the line where it begins."""
    start, line, depth = 0, 1, 0
    begin = 1
    for token in _TOKEN.finditer(text + "\n"):
        found = token[0]
        if found in ("[", "{"):
            depth += 1
        elif found in ("]", "}"):
            depth -= 1
        elif found == "\n" and depth <= 0:
            statement = text[start : token.start()]
            if _meaningful(statement):
                blank = len(statement) - len(statement.lstrip())
                yield begin + statement[:blank].count("\n"), statement.strip()
            start, begin, depth = token.end(), line + 1, 0
        line += found.count("\n")


def _meaningful(statement: str) -> bool:
    return bool(statement.strip()) and not statement.lstrip().startswith("#")


def _table(root: Place, header: str, line: int) -> Place:
    """Return the place that a `[table]` or a `[[table]]` opens."""
    listed = header.startswith("[[")
    # The header by itself is a whole document, whose nesting names the keys.
    keys = _keys(_parsed(header))
    place = root
    for number, key in enumerate(keys):
        last = number == len(keys) - 1
        found = place.under(key)
        child = found[-1] if found else place.add(key, Place(line, line))
        if last and listed:
            child.listed = True
            return child.add(str(len(child.children)), Place(line, line))
        place = child.children[-1][1] if child.listed and child.children else child
    place.line = min(place.line, line) if place.children else line
    return place


def _keys(value: object) -> list[str]:
    keys: list[str] = []
    while isinstance(value, dict) and value:
        key, value = next(iter(value.items()))
        keys.append(key)
        if isinstance(value, list):
            break
    return keys


def _fill(into: Place, key: str, value: object, *, line: int, last: int) -> None:
    """Put a value below its key; a dotted key goes on in a table that is there."""
    found = into.under(key)
    table = isinstance(value, dict)
    place = found[-1] if table and found else into.add(key, Place(line, last))
    if isinstance(value, dict):
        for inner, one in value.items():
            _fill(place, inner, one, line=line, last=last)
    elif isinstance(value, list):
        place.listed = True
        for number, one in enumerate(value):
            _fill(place, str(number), one, line=line, last=last)
    else:
        place.text = str(value).lower() if isinstance(value, bool) else str(value)
