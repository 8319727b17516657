"""Lines that cannot be changed, taken out or cut off unnoticed: each carries the hash of the one
before it, and a note beside them says which is the last.

Who can write the files can write all of them anew; so an old head (`number:hash`), kept elsewhere,
is what proves the lines up to it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sps.lib import atomic, lock

FILE_LIMIT = 4 * 1024 * 1024
_PATIENCE_S = 5.0
_TAIL = 256 * 1024
_LONGEST = 128 * 1024
_HEAD = "head.json"
_START = "0" * 64


@dataclass(frozen=True)
class Head:
    """The last line: its number, from 1 on, and its hash. Number 0: there is none."""

    number: int = 0
    digest: str = _START

    def __str__(self) -> str:
        return f"{self.number}:{self.digest}"


@dataclass(frozen=True, kw_only=True)
class Break:
    """Where the chain does not hold, and how that shows."""

    file: str
    line: int
    says: str


@dataclass(kw_only=True)
class Checked:
    """What a look at a whole chain found."""

    head: Head = Head()
    breaks: list[Break] = field(default_factory=list)
    since: bool = False  #: whether it holds the head that was asked for


class Chain:
    """A folder with the files of one chain. Several processes may append to it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def append(self, fields: Mapping[str, object]) -> Head:
        """Add a line, and return once it is on the disk. Raises `OSError`, `TimeoutError`."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with lock.held(self._folder / ".lock", seconds=_PATIENCE_S):
            before, path = self._end()
            line = {"n": before.number + 1, "prev": before.digest, **fields}
            head = Head(before.number + 1, _digest(line))
            text = json.dumps({**line, "hash": head.digest}, ensure_ascii=False)
            if len(text) > _LONGEST:
                raise ValueError("a line of a chain has at most 128 KiB")
            if path is None or path.stat().st_size + len(text.encode()) > FILE_LIMIT:
                path = self._folder / f"{head.number:012}.jsonl"
            _write(path, text.encode() + b"\n")
            atomic.swap(self._folder / _HEAD, json.dumps(vars(head)).encode())
        return head

    def lines(self) -> Iterator[tuple[Path, int, bytes]]:
        """Give every line with its file and place, from the first on."""
        for path in self._files():
            with path.open("rb") as file:
                for place, line in enumerate(file, 1):
                    yield path, place, line

    def check(self, since: str = "") -> Checked:
        """Follow the chain from its first line. `since` is an old head that it should still hold.
        After a break it goes on from the line there, so that each is told once."""
        found, before = Checked(), Head()
        for path, place, line in self.lines():
            read = _read(line)
            if read is None:
                says = "this is no line of a chain"
                found.breaks.append(Break(file=path.name, line=place, says=says))
                continue
            if not read.sound:
                says = f"line {read.head.number} was changed"
                found.breaks.append(Break(file=path.name, line=place, says=says))
            if (read.head.number, read.prev) != (before.number + 1, before.digest):
                says = f"line {read.head.number} does not follow line {before.number}"
                found.breaks.append(Break(file=path.name, line=place, says=says))
            before = read.head
            found.since |= str(before) == since
        found.head = before
        noted = self._noted()
        if noted is not None and noted.number > before.number:
            says = f"the chain ends at line {before.number}, and was at line {noted.number} before"
            found.breaks.append(Break(file=_HEAD, line=1, says=says))
        elif noted is None and before.number:
            says = "the note about the last line is gone"
            found.breaks.append(Break(file=_HEAD, line=1, says=says))
        return found

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("[0-9]*.jsonl"))

    def _noted(self) -> Head | None:
        try:
            said = json.loads((self._folder / _HEAD).read_bytes())
            return Head(int(said["number"]), str(said["digest"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _end(self) -> tuple[Head, Path | None]:
        """Return where the next line comes, and cut off what a crash left of the last one: nobody
        was told that it had been written. After a break the chain goes on from the note."""
        files = self._files()
        if not files:
            return self._noted() or Head(), None
        path = files[-1]
        with path.open("r+b") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL))
            tail = file.read()
            whole = tail[: tail.rfind(b"\n") + 1]
            if len(whole) < len(tail):
                file.truncate(size - len(tail) + len(whole))
        read = _read(whole.splitlines(keepends=True)[-1]) if whole else None
        return (read.head if read else self._noted() or Head()), path


@dataclass(frozen=True)
class _Line:
    """What a line says of itself; `sound`: its content is what its hash is of."""

    head: Head
    prev: str
    sound: bool


def _read(line: bytes) -> _Line | None:
    try:
        said = json.loads(line)
        number, prev, digest = int(said["n"]), str(said["prev"]), str(said.pop("hash"))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return _Line(Head(number, digest), prev, _digest(said) == digest and line.endswith(b"\n"))


def _digest(line: Mapping[str, object]) -> str:
    text = json.dumps(line, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _write(path: Path, content: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
    handle = os.open(path, flags, 0o600)
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(handle, view) :]
        os.fsync(handle)
    finally:
        os.close(handle)
