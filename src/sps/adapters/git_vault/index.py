"""The entries of a private index, read without a process."""

from __future__ import annotations

import os
import shutil
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sps.model.errors import WorkFailed

_FIXED = 40  # bytes of stat data before the object id
_EXTENDED = 0x4000
_GITLINK = 0o160000


@dataclass(frozen=True)
class Entry:
    """What the index holds for one path."""

    mode: int
    name: bytes  #: raw object id
    size: int  #: of the file when git last saw it, modulo 2**32
    mtime: tuple[int, int]  #: seconds, likewise, and nanoseconds

    @property
    def gitlink(self) -> bool:
        return self.mode == _GITLINK


def read(path: Path, *, width: int) -> dict[str, Entry]:
    """Return path -> entry; empty when there is no index. `width` is an object id's bytes.

    Raises `WorkFailed("git-failed")` for an index of another format: our git writes version 2.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return {}
    if len(content) < 12 or content[:4] != b"DIRC":
        raise WorkFailed("git-failed", f"not an index: {path}")
    version, count = struct.unpack_from(">II", content, 4)
    if version not in (2, 3):
        raise WorkFailed("git-failed", f"index version {version} is not known: {path}")
    return dict(_entries(content, count, width))


def _entries(content: bytes, count: int, width: int) -> Iterable[tuple[str, Entry]]:
    at = 12
    unpack = struct.Struct(">8xII8xI8xI").unpack_from
    for _ in range(count):
        flags_at = at + _FIXED + width
        text_at = flags_at + 2
        if content[flags_at] & (_EXTENDED >> 8):
            text_at += 2
        end = content.index(b"\0", text_at)
        seconds, nanoseconds, mode, size = unpack(content, at)
        path = os.fsdecode(content[text_at:end])
        name = content[at + _FIXED : at + _FIXED + width]
        yield path, Entry(mode, name, size, (seconds, nanoseconds))
        at += (end - at + 8) & ~7


def copy(source: Path, target: Path) -> None:
    """Copy an index with its time. Git compares times by the second, and takes the file's content
    into account only where that of the index is no later: a copy that seems younger than a change
    would hide it."""
    shutil.copyfile(source, target)
    seen = source.stat()
    os.utime(target, ns=(seen.st_atime_ns, seen.st_mtime_ns))


def folders_of(paths: Iterable[str]) -> set[str]:
    """Return every folder that lies above one of the paths."""
    found: set[str] = set()
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return found


def differs(before: Entry | None, after: Entry | None) -> bool:
    """Tell whether two entries name different content."""
    if before is None or after is None:
        return before is not after
    return (before.mode, before.name) != (after.mode, after.name)


def unseen(root: Path, entries: dict[str, Entry]) -> set[str]:
    """Return the paths whose file is not the one that git saw when it made the entry."""
    found: set[str] = set()
    for path, entry in entries.items():
        try:
            now = os.lstat(root / path)
        except OSError:
            continue
        seconds, nanoseconds = divmod(now.st_mtime_ns, 10**9)
        seen = (now.st_size & 0xFFFFFFFF, (seconds & 0xFFFFFFFF, nanoseconds))
        if seen != (entry.size, entry.mtime):
            found.add(path)
    return found
