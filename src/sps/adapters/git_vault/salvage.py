"""What is kept but must not land: ignored files, nested repositories, commits no ref leads to.

They become one commit under `refs/sps/salvage/<run>`, written by one process, bounded in size.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sps.adapters.git_vault.git import Inner

CAP = 64 << 20  #: bytes of files that one run may leave in the salvage
_MOST_FILES = 20_000
_MOST_LINES = 200
_MOST_PARENTS = 1000
# `.git` as some file system would also read it: any case, trailing dots and spaces, short name.
# `%` too, so that no two paths become one.
_FORBIDDEN = re.compile(r"(?:\.git|git~1)(?=[. ]*\Z|:)|%", re.IGNORECASE)


@dataclass(frozen=True)
class File:
    """A file to keep: its content is read late."""

    path: str
    size: int
    mode: int


@dataclass(frozen=True)
class Choice:
    """What fits under the cap, and what does not."""

    kept: tuple[File, ...]
    left_out: tuple[str, ...]


def choose(root: Path, paths: Iterable[str], *, cap: int = CAP) -> Choice:
    """Choose the smallest files first, so that a huge one costs no other its place."""
    files: list[File] = []
    for path in paths:
        try:
            found = os.lstat(root / path)
        except OSError:
            continue
        files.append(File(path, found.st_size, found.st_mode))
    files.sort(key=lambda file: (file.size, file.path))
    kept: list[File] = []
    left: list[File] = []
    room = cap
    for file in files:
        if file.size <= room and len(kept) < _MOST_FILES:
            kept.append(file)
            room -= file.size
        else:
            left.append(file)
    return Choice(tuple(sorted(kept, key=lambda file: file.path)), bounded(left))


def bounded(files: list[File]) -> tuple[str, ...]:
    """Return `path (n bytes)` for each file; when there are many, the sums of their folders."""
    sizes = {file.path: file.size for file in files}
    while len(sizes) > _MOST_LINES and any("/" in path.rstrip("/") for path in sizes):
        sums: dict[str, int] = {}
        deepest = max(path.rstrip("/").count("/") for path in sizes)
        for path, size in sizes.items():
            bare = path.rstrip("/")
            name = bare.rpartition("/")[0] + "/" if bare.count("/") == deepest else path
            sums[name] = sums.get(name, 0) + size
        sizes = sums
    lines = [f"{_shown(path)} ({size} bytes)" for path, size in sorted(sizes.items())]
    if len(lines) > _MOST_LINES:
        lines[_MOST_LINES:] = [f"and {len(lines) - _MOST_LINES} more"]
    return tuple(lines)


def _shown(path: str) -> str:
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


@dataclass(frozen=True)
class Record:
    """The commit that holds a salvage."""

    ref: str
    start: str
    lost: tuple[str, ...]  #: commits that nothing else leads to
    signature: bytes
    message: bytes


def write(git: Inner, root: Path, record: Record, files: Iterable[File]) -> None:
    """Write the commit and its ref. Raises `WorkFailed("git-failed")`."""
    stream: list[bytes] = [
        b"commit %s\n" % record.ref.encode(),
        b"author %s\ncommitter %s\n" % (record.signature, record.signature),
        _data(record.message),
        b"from %s\n" % record.start.encode(),
    ]
    stream += [b"merge %s\n" % name.encode() for name in record.lost[:_MOST_PARENTS]]
    stream.append(b"deleteall\n")
    for file in files:
        content = _content(root, file)
        if content is not None:
            mode = _mode(file.mode)
            stream.append(b"M %s inline %s\n" % (mode, _quoted(file.path)) + _data(content))
    stream.append(b"done\n")
    git.run("fast-import", "--quiet", "--force", "--done", stdin=b"".join(stream), timeout=300.0)


def _data(content: bytes) -> bytes:
    return b"data %d\n" % len(content) + content + b"\n"


def _mode(mode: int) -> bytes:
    if stat.S_ISLNK(mode):
        return b"120000"
    return b"100755" if mode & 0o100 else b"100644"


def _content(root: Path, file: File) -> bytes | None:
    """Return a file's bytes, or where a link points to. None when it changed its kind."""
    path = root / file.path
    try:
        if stat.S_ISLNK(file.mode):
            return os.readlink(os.fsencode(path))
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with os.fdopen(handle, "rb") as source:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return None
        return source.read(file.size)


def _quoted(path: str) -> bytes:
    """Quote a path for the import stream. No tree may name `.git`: it becomes `%2Egit`."""
    parts = [
        f"%{ord(part[0]):02X}{part[1:]}" if _FORBIDDEN.match(part) else part
        for part in path.split("/")
    ]
    raw = os.fsencode("/".join(parts))
    kept = b"".join(
        b"\\%03o" % byte if byte < 32 or byte in b'"\\' or byte > 126 else bytes((byte,))
        for byte in raw
    )
    return b'"' + kept + b'"'
