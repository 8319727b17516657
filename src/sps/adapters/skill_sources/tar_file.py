"""Tar archives: the headers that ordinary tars write, and no others.

They are read here, because the bounds matter: no header is longer than one name can need, and what
is no file, folder or link is refused instead of understood.
"""

from __future__ import annotations

from typing import NamedTuple

from sps.adapters.skill_sources import address
from sps.adapters.skill_sources.archive_entry import (
    Budget,
    Entry,
    checked,
    file_entry,
    refused_entry,
)
from sps.lib.file_tree import FILE, FOLDER, LINK

_BLOCK = 512
_MAGIC = b"ustar"
_LONGEST_HEADER = 1 << 16
_FILES = (b"0", b"\0", b"7")
_HARD, _SOFT, _FOLDER = b"1", b"2", b"5"
_LONG_NAME, _LONG_LINK, _PAX, _PAX_ALL = b"L", b"K", b"x", b"g"
_WORDS = {b"3": "a device", b"4": "a device", b"6": "a pipe", b"S": "a sparse file"}


class _Header(NamedTuple):
    kind: bytes
    name: str
    target: str
    size: int
    executable: bool


def is_tar(content: bytes) -> bool:
    """Tell whether a file begins with the header of a tar archive."""
    return content[257:262] == _MAGIC


def entries(content: bytes, budget: Budget) -> list[Entry]:
    """Return all entries. Raises `Misuse("source-refused")`."""
    if not is_tar(content) and content.strip(b"\0"):
        raise address.refused("what the archive unpacks to is no tar archive")
    reading = _Reading(content, budget)
    reading.all()
    return reading.found


class _Reading:
    def __init__(self, content: bytes, budget: Budget) -> None:
        self._content = content
        self._budget = budget
        self._at = 0
        self._next: dict[str, str] = {}  # what the next header is told by those before it
        self._files: dict[str, Entry] = {}
        self.found: list[Entry] = []

    def all(self) -> None:
        while True:
            block = self._content[self._at : self._at + _BLOCK]
            if not block.strip(b"\0"):
                return
            self._at += _BLOCK
            self._one(_header(block))

    def _one(self, header: _Header) -> None:
        self._budget.enter()
        if header.kind in (_LONG_NAME, _LONG_LINK, _PAX, _PAX_ALL):
            self._remember(header)
            return
        told, self._next = self._next, {}
        header = header._replace(
            name=told.get("path", header.name),
            target=told.get("linkpath", header.target),
            size=_number(told.get("size"), header.size),
        )
        if any(key.startswith("GNU.sparse") for key in told):
            raise refused_entry(header.name, "a sparse file")
        entry = self._entry(header, checked(header.name))
        if entry.path:
            self.found.append(entry)

    def _remember(self, header: _Header) -> None:
        if header.size > _LONGEST_HEADER:
            raise address.refused("the archive has a header that is too long")
        content = self._take(header.size)
        if header.kind == _LONG_NAME:
            self._next["path"] = _text(content)
        elif header.kind == _LONG_LINK:
            self._next["linkpath"] = _text(content)
        else:
            told = _pax(content)
            if header.kind == _PAX:
                self._next.update(told)
            elif told.keys() & {"path", "linkpath", "size"}:
                raise address.refused("the archive gives all its entries one name or size")

    def _entry(self, header: _Header, path: str) -> Entry:
        if header.kind == _FOLDER or (header.kind in _FILES and header.name.endswith("/")):
            return Entry(path, FOLDER)
        if not path:
            raise refused_entry(header.name, "a file without a name")
        if header.kind in _FILES:
            entry = file_entry(path, self._take(header.size), executable=header.executable)
            self._files[path] = entry
            return entry
        if header.kind == _SOFT:
            return Entry(path, LINK, header.target.encode("utf-8", "surrogateescape"))
        if header.kind == _HARD:
            return self._hard(header, path)
        raise refused_entry(header.name, _WORDS.get(header.kind, f"of kind {header.kind!r}"))

    def _hard(self, header: _Header, path: str) -> Entry:
        other = self._files.get(header.target.removeprefix("./"))
        if other is None or header.size:
            why = "a hard link to something that is not in the archive"
            raise refused_entry(header.name, f"{why} ({header.target[:200]!r})")
        self._budget.spend(len(other.content))
        return Entry(path, FILE, other.content, other.executable)

    def _take(self, size: int) -> bytes:
        content = self._content[self._at : self._at + size]
        if len(content) < size:
            raise address.refused("the archive ends too early")
        self._at += (size + _BLOCK - 1) // _BLOCK * _BLOCK
        return content


def _header(block: bytes) -> _Header:
    if len(block) < _BLOCK or not _sum_is_right(block):
        raise address.refused("the archive has a broken header")
    name = _text(block[0:100])
    if block[257:263] == _MAGIC + b"\0" and (prefix := _text(block[345:500])):
        name = f"{prefix}/{name}"
    size = _octal(block[124:136])
    kind = block[156:157]
    mode = _octal(block[100:108])
    return _Header(kind, name, _text(block[157:257]), size, bool(mode & 0o100))


def _sum_is_right(block: bytes) -> bool:
    return _octal(block[148:156]) == sum(block[:148]) + 8 * 32 + sum(block[156:])


def _octal(field: bytes) -> int:
    text = field.strip(b" \0")
    if not text:
        return 0
    if not all(48 <= one < 56 for one in text):
        raise address.refused("the archive has a number in a header that is none")
    return int(text, 8)


def _text(field: bytes) -> str:
    """Return a name as it stands before the first NUL."""
    return field.split(b"\0", 1)[0].decode("utf-8", "surrogateescape")


def _number(text: str | None, otherwise: int) -> int:
    if text is None:
        return otherwise
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise address.refused("the archive has a size that is none")
    return int(text)


def _pax(content: bytes) -> dict[str, str]:
    """Return the records of an extended header: `<length> <key>=<value>\\n`, one after another."""
    told: dict[str, str] = {}
    at = 0
    while at < len(content):
        space = content.find(b" ", at, at + 8)
        digits = content[at:space] if space > at else b""
        length = int(digits) if digits.isdigit() else 0
        record = content[space + 1 : at + length]
        key, equals, value = record.partition(b"=")
        if length <= len(digits) + 1 or not equals or not record.endswith(b"\n"):
            raise address.refused("the archive has a broken extended header")
        text = value[:-1].decode("utf-8", "surrogateescape")
        told[key.decode("utf-8", "replace")] = text
        at += length
    return told
