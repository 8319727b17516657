"""Reading files that others may have prepared: no links, no devices, no surprises in size."""

from __future__ import annotations

import os
import stat
from pathlib import Path


class NotPlain(Exception):
    """There is something else than a regular file: a link, a folder, a pipe, a device."""


class TooLarge(Exception):
    """The file has more bytes than allowed."""


def read(path: Path, limit: int, *, follow: bool = False) -> tuple[bytes, os.stat_result]:
    """Return content and status of a regular file of at most `limit` bytes.

    Never waits for a pipe; a link as the last part of the path is followed only if asked for.
    Raises `NotPlain`, `TooLarge`, `OSError`.
    """
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
    if not follow:
        # The open below refuses links by itself; this look gives them their name.
        if stat.S_ISLNK(os.lstat(path).st_mode):
            raise NotPlain("a symbolic link")
        flags |= os.O_NOFOLLOW
    try:
        handle = os.open(path, flags)
    except IsADirectoryError as err:
        raise NotPlain("a folder") from err
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise NotPlain("no regular file")
        content = file.read(limit + 1)
    if len(content) > limit:
        raise TooLarge(f"more than {limit} bytes")
    return content, status
