"""Reading files that others may have prepared: no links, no devices, no surprises in size."""

from __future__ import annotations

import os
import stat
from pathlib import Path


class NotPlain(Exception):
    """There is something else than a regular file: a link, a folder, a pipe, a device."""


class TooLarge(Exception):
    """The file has more bytes than allowed."""


def read(
    path: Path, limit: int, *, follow: bool = False, inside: int | None = None
) -> tuple[bytes, os.stat_result]:
    """Return content and status of a regular file of at most `limit` bytes.

    Never waits for a pipe; a link as the last part of the path is followed only if asked for. A
    relative path begins in the folder that the handle `inside` stands for, if there is one.
    Raises `NotPlain`, `TooLarge`, `OSError`.
    """
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
    if not follow:
        # The open below refuses links by itself; this look gives them their name.
        if stat.S_ISLNK(os.stat(path, dir_fd=inside, follow_symlinks=False).st_mode):
            raise NotPlain("a symbolic link")
        flags |= os.O_NOFOLLOW
    handle = os.open(path, flags, dir_fd=inside)
    try:
        status = os.fstat(handle)
        if stat.S_ISDIR(status.st_mode):
            raise NotPlain("a folder")
        if not stat.S_ISREG(status.st_mode):
            raise NotPlain("no regular file")
        content = _at_most(handle, limit + 1)
    finally:
        os.close(handle)
    if len(content) > limit:
        raise TooLarge(f"more than {limit} bytes")
    return content, status


def _at_most(handle: int, count: int) -> bytes:
    parts: list[bytes] = []
    while count > 0 and (part := os.read(handle, min(count, 1 << 20))):
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
