"""What a kept environment consists of, as one hash, and which texts name where it was made."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sps.lib.open_folder import as_it_is

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
_TEXT = 8 << 20  # a larger file that names the folder is no text
_PIECE = 1 << 20


@dataclass(frozen=True)
class Contents:
    """The outcome of looking at everything."""

    stamp: str
    files: int
    bytes: int
    mentions: tuple[str, ...]


def look(place: Path, root: str) -> Contents:
    """Read everything below a folder. Raises `OSError`."""
    whole = hashlib.sha256()
    files = size = 0
    mentions = []
    with as_it_is(place) as handle:
        for path, kind, said, length, names_it in _rows(handle, "", os.fsencode(root)):
            whole.update(b"%s\0%s\0%s\0" % (os.fsencode(path), kind, said))
            files += kind != b"folder"
            size += length
            if names_it:
                mentions.append(path)
    return Contents(whole.hexdigest(), files, size, tuple(mentions))


Row = tuple[str, bytes, bytes, int, bool]


def _rows(handle: int, prefix: str, root: bytes) -> Iterator[Row]:
    for name in sorted(os.listdir(handle)):
        path = prefix + name
        found = os.stat(name, dir_fd=handle, follow_symlinks=False)
        if stat.S_ISDIR(found.st_mode):
            yield path, b"folder", b"", 0, False
            with as_it_is(name, inside=handle) as below:
                yield from _rows(below, f"{path}/", root)
        elif stat.S_ISLNK(found.st_mode):
            yield path, b"link", os.fsencode(os.readlink(name, dir_fd=handle)), 0, False
        elif stat.S_ISREG(found.st_mode):
            kind = b"program" if found.st_mode & 0o100 else b"file"
            said, names_it = _read(name, handle, root)
            yield path, kind, said, found.st_size, names_it
        else:
            yield path, b"other", b"", 0, False


def _read(name: str, inside: int, root: bytes) -> tuple[bytes, bool]:
    """Return a file's hash, and whether it is a text that names the folder."""
    source = os.open(name, _READ, dir_fd=inside)
    with open(source, "rb") as file:
        first = file.read(_TEXT)
        digest = hashlib.sha256(first)
        small = True
        while piece := file.read(_PIECE):
            digest.update(piece)
            small = False
    return digest.digest(), small and root in first and b"\0" not in first
