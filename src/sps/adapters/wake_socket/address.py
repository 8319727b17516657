"""The address of a Unix socket, however long its path is."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

#: The kernel's field holds 108 bytes on Linux, 104 elsewhere.
_LENGTH_LIMIT = 100


@contextlib.contextmanager
def usable(path: Path) -> Iterator[str]:
    """Give an address for `path` that fits into the kernel's field while the block runs: a long
    one goes through an open handle of its folder. Raises `OSError` where there is no `/proc`."""
    if len(os.fsencode(path)) <= _LENGTH_LIMIT:
        yield str(path)
        return
    handle = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{handle}/{path.name}"
    finally:
        os.close(handle)
