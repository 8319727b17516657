"""Reading which lines a diff without context adds."""

from __future__ import annotations

import re

_HUNK = re.compile(rb"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)")
_ESCAPED = {
    b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r",
}  # fmt: skip


WHOLE = ((1, 1 << 40),)  #: every line of a file

Added = dict[str, tuple[tuple[int, int], ...]]


def added_lines(diff: bytes) -> Added:
    """Return the lines that a patch adds per path. Paths that are no UTF-8 are left out."""
    found: dict[str, list[tuple[int, int]]] = {}
    path: str | None = None
    skip = 0
    for line in diff.split(b"\n"):
        if skip and line[:1] in (b"+", b"-"):
            skip -= 1
        elif line.startswith(b"diff --git "):
            path = None
        elif line.startswith(b"+++ "):
            path = _path(line[4:])
            if path is not None:
                found.setdefault(path, [])
        elif hunk := _HUNK.match(line):
            count = int(hunk[3] or 1)
            skip = int(hunk[1] or 1) + count
            if path is not None and count:
                found[path].append((int(hunk[2]), int(hunk[2]) + count - 1))
    return {path: tuple(ranges) for path, ranges in found.items()}


def binary_paths(numstat: bytes) -> list[str]:
    """Return the paths for which `--numstat -z` gives no numbers."""
    rows = [row.split(b"\t", 2) for row in numstat.split(b"\0") if row]
    raw = [row[2] for row in rows if len(row) == 3 and row[0] == b"-"]
    return [path for path in map(utf8, raw) if path]


def utf8(raw: bytes) -> str | None:
    """Return a path as text, None when it is no UTF-8."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return None


def _path(raw: bytes) -> str | None:
    raw = raw.removesuffix(b"\t")
    if raw.startswith(b'"') and raw.endswith(b'"'):
        raw = _ESCAPE.sub(_unescaped, raw[1:-1])
    text = utf8(raw)
    return text[2:] if text and text.startswith("b/") else None


def _unescaped(found: re.Match[bytes]) -> bytes:
    what = found[1]
    if len(what) == 3:
        return bytes([int(what, 8) & 0xFF])
    return _ESCAPED.get(what, what)
