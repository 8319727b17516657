"""A unified difference as Git writes it, read by its own counts: content may look like a header."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

HUNK = re.compile(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@(.*)")
_ESCAPE = re.compile(r"\\([abfnrtv\"\\]|[0-7]{3})")
_LETTERS = dict(zip('abfnrtv"\\', '\a\b\f\n\r\t\v"\\', strict=True))
_INDEX = re.compile(r"index ([0-9a-f]{7,64})\.\.([0-9a-f]{7,64})")


class FilePatch(msgspec.Struct):
    """What a difference says about one file. `blobs` name its content before and after."""

    path: str = ""
    before: str = ""
    what: str = "changed"  #: changed, added, deleted, renamed, copied
    binary: bool = False
    blobs: tuple[str, str] = ("", "")
    notes: list[str] = []
    hunks: list[tuple[str, list[str]]] = []  #: the head and its rows

    @property
    def rows(self) -> int:
        """How many rows its hunks have."""
        return sum(len(rows) for _, rows in self.hunks)


def patches(text: Sequence[str]) -> Iterator[FilePatch]:
    """Yield the files of a difference, given as lines."""
    at = 0
    while at < len(text):
        if not text[at].startswith("diff --git "):
            at += 1
            continue
        found = FilePatch(notes=[], hunks=[])
        found.path = found.before = _of_head(text[at])
        at += 1
        while at < len(text) and not text[at].startswith("diff --git "):
            match = HUNK.match(text[at])
            if match is None:
                _fact(found, text[at])
                at += 1
                continue
            head, at = text[at], at + 1
            end = _end(text, at, int(match[2] or 1), int(match[4] or 1))
            found.hunks.append((head, list(text[at:end])))
            at = end
        yield found


def _end(text: Sequence[str], at: int, old: int, new: int) -> int:
    """Return where a hunk ends, by its own counts."""
    while at < len(text):
        mark = text[at][:1]
        if mark == "\\":
            at += 1
            continue
        if old <= 0 and new <= 0:
            return at
        if mark not in ("+", "-", " ", ""):
            return at
        old -= mark != "+"
        new -= mark != "-"
        at += 1
    return at


_FACTS = (
    ("--- ", "before"), ("+++ ", "path"), ("rename from ", "before"), ("rename to ", "path"),
    ("copy from ", "before"), ("copy to ", "path"),
)  # fmt: skip


def _fact(found: FilePatch, line: str) -> None:
    if line.startswith(("Binary files ", "GIT binary patch")):
        found.binary = True
    elif line.startswith("new file mode "):
        found.what = "added"
        found.notes.append(line) if line != "new file mode 100644" else None
    elif line.startswith("deleted file mode "):
        found.what = "deleted"
    elif line.startswith(("old mode ", "new mode ")):
        found.notes.append(line)
    elif index := _INDEX.match(line):
        found.blobs = (index[1], index[2])
    for start, name in _FACTS:
        if line.startswith(start):
            _named(found, name, start, _unquoted(line[len(start) :].rstrip("\t")))


def _named(found: FilePatch, name: str, start: str, path: str) -> None:
    if start.endswith((" from ", " to ")):
        found.what = "renamed" if start.startswith("rename") else "copied"
    elif path == "/dev/null":
        return
    else:
        path = path[2:]
    setattr(found, name, path)


def _of_head(line: str) -> str:
    """Return the path of `diff --git a/X b/X`: all there is for an empty or a binary file."""
    rest = line[len("diff --git ") :]
    if rest.startswith('"'):
        return _unquoted(rest[: rest.find('" ') + 1] if '" ' in rest else rest)[2:]
    half = (len(rest) - 1) // 2
    return rest[half + 3 :] if rest[2:half] == rest[half + 3 :] else rest


def _unquoted(name: str) -> str:
    if len(name) < 2 or not (name.startswith('"') and name.endswith('"')):
        return name

    def plain(found: re.Match[str]) -> str:
        return _LETTERS[found[1]] if found[1] in _LETTERS else chr(int(found[1], 8) & 255)

    read = _ESCAPE.sub(plain, name[1:-1])
    try:
        return read.encode("latin-1").decode("utf-8", "replace")
    except UnicodeEncodeError:
        return read
