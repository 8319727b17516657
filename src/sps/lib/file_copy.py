"""Copying the content of one open file into another one."""

from __future__ import annotations

import errno
import os

_PIECE = 1 << 20
_UNABLE = (errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EBADF, errno.EPERM)


def pour(source: int, target: int) -> None:
    """Append all of `source`, from where it stands, to `target`. The kernel does it, and shares the
    blocks where the file system can (a reflink); elsewhere they are read and written."""
    copy = getattr(os, "copy_file_range", None)
    try:
        while copy is not None:
            if not copy(source, target, 1 << 30):
                return
    except OSError as err:
        if err.errno not in _UNABLE:
            raise
    while piece := os.read(source, _PIECE):
        view = memoryview(piece)
        while view:
            view = view[os.write(target, view) :]
