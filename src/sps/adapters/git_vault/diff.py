"""The difference of two trees: what changed, and bounded text.

Git writes it into a file, so that a huge difference costs disk for a moment and no memory.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BufferedReader

from sps.adapters.git_vault.git import Inner
from sps.adapters.git_vault.hidden_text import hidden_text
from sps.adapters.git_vault.names import object_id
from sps.ports.vault import AddedLine, ChangedFile, Diff

MOST_TEXT = 2 << 20
_MOST_LINE = 64 << 10
_HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_ESCAPE = re.compile(rb"\\([abfnrtv\"\\]|[0-7]{3})")
_LETTERS = dict(zip(b'abfnrtv"\\', b'\a\b\f\n\r\t\v"\\', strict=True))


def diff(git: Inner, old: str, new: str, *, ignore_space: bool = False) -> Diff:
    """Compare two commits or trees; `ignore_space` says whether lines that differ only in white
    space are equal."""
    if object_id(old) == object_id(new):
        return Diff(files=(), text="", added=(), removed=())
    handle, name = tempfile.mkstemp(prefix="diff.", suffix=".tmp", dir=git.gitdir.parent)
    os.close(handle)
    try:
        git.run(
            "diff-tree",
            "-r",
            "-M",
            "--raw",
            "--patch",
            "-U3",
            "--full-index",
            "--no-abbrev",
            "--no-ext-diff",
            "--no-textconv",
            "--no-color",
            "--no-commit-id",
            "--src-prefix=a/",
            "--dst-prefix=b/",
            *(("--ignore-all-space",) if ignore_space else ()),
            f"--output={name}",
            old,
            new,
            "--",
            timeout=120.0,
        )
        with open(name, "rb") as source:
            return _read(git, source)
    finally:
        os.unlink(name)


def _read(git: Inner, source: BufferedReader) -> Diff:
    files: list[ChangedFile] = []
    blobs: dict[str, str] = {}
    for line in source:
        if not line.startswith(b":"):
            break
        file = _raw(line.rstrip(b"\n"))
        files.append(file)
        if file.new_mode.startswith("100"):
            old, new = line.split(b" ")[2:4]
            blobs |= {file.path: new.decode()} if new != old else {}
    text = source.read(MOST_TEXT + 1)
    truncated = len(text) > MOST_TEXT
    if truncated:
        text = text[: text.rfind(b"\n", 0, MOST_TEXT) + 1]
    lines = _Lines()
    lines.read(text)
    opaque = {path: name for path, name in blobs.items() if path not in lines.shown}
    hidden, whole = hidden_text(git, {} if truncated else opaque)
    return Diff(
        files=tuple(files),
        text=text.decode("utf-8", "replace"),
        added=tuple(lines.added),
        removed=tuple(lines.removed),
        hidden=(*hidden, *lines.long),
        truncated=truncated or not whole,
    )


def _raw(line: bytes) -> ChangedFile:
    """Read `:mode mode id id status TAB path [TAB path]`."""
    head, *paths = line.split(b"\t")
    old_mode, new_mode, _, _, status = head[1:].split(b" ")
    names = [unquoted(path) for path in paths]
    return ChangedFile(
        path=names[-1],
        status=chr(status[0]),
        old_mode=old_mode.decode(),
        new_mode=new_mode.decode(),
        old_path=names[0] if len(names) > 1 else "",
    )


def unquoted(path: bytes) -> str:
    """Undo git's quoting of a path."""
    if len(path) >= 2 and path[:1] == path[-1:] == b'"':
        path = _ESCAPE.sub(_unescape, path[1:-1])
    return path.decode("utf-8", "replace")


def _unescape(found: re.Match[bytes]) -> bytes:
    letter = found[1]
    return bytes((int(letter, 8) & 255 if len(letter) == 3 else _LETTERS[letter[0]],))


@dataclass
class _Lines:
    """The lines of a patch. Hunks are counted, so that no content is taken for a header."""

    added: list[AddedLine] = field(default_factory=list)
    removed: list[AddedLine] = field(default_factory=list)
    long: list[AddedLine] = field(default_factory=list)  #: whole added lines that were cut
    shown: set[str] = field(default_factory=set)  #: paths with hunks

    def read(self, text: bytes) -> None:
        rows = iter(text.split(b"\n"))
        old_path = new_path = ""
        for row in rows:
            if row.startswith(b"--- "):
                old_path = _side(row)
            elif row.startswith(b"+++ "):
                new_path = _side(row)
            elif found := _HUNK.match(row):
                self._hunk(rows, found, old_path, new_path)

    def _hunk(
        self, rows: Iterator[bytes], found: re.Match[bytes], old_path: str, new_path: str
    ) -> None:
        self.shown.add(new_path)
        old, new = int(found[1]), int(found[3])
        old_left, new_left = int(found[2] or b"1"), int(found[4] or b"1")
        while old_left > 0 or new_left > 0:
            row = next(rows, None)
            if row is None:
                return
            kind = row[:1]
            if kind == b"+":
                self.added.append(AddedLine(new_path, new, _text(row)))
                if len(row) > _MOST_LINE:
                    self.long.append(AddedLine(new_path, new, row.decode("utf-8", "replace")))
            elif kind == b"-":
                self.removed.append(AddedLine(old_path, old, _text(row)))
            if kind in {b"+", b" ", b""}:
                new, new_left = new + 1, new_left - 1
            if kind in {b"-", b" ", b""}:
                old, old_left = old + 1, old_left - 1


def _text(row: bytes) -> str:
    return row[1 : _MOST_LINE + 1].decode("utf-8", "replace").removesuffix("\r")


def _side(row: bytes) -> str:
    """Return the path of a `--- a/path` or `+++ b/path` line."""
    path = unquoted(row[4:].rstrip(b"\t"))
    return "" if path == "/dev/null" else path[2:]
