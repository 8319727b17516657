"""Files that are whole or not there: temporary file, fsync, rename, fsync of the folder."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def write(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Replace `path` by `content`; readers see the old or the new file, never a part."""
    _replace(_temporary(path, content, mode), path)
    _sync_folder(path.parent)


def swap(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Like `write`, but without waiting for the disk: after a power cut the older file may be there
    again. For notes whose loss costs only time."""
    _replace(_temporary(path, content, mode, sync=False), path)


def create(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Make `path` with `content`. Raises `FileExistsError` when it is already there."""
    temporary = _temporary(path, content, mode)
    try:
        os.link(temporary, path)
    finally:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
    _sync_folder(path.parent)


def _replace(temporary: Path, path: Path) -> None:
    try:
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _temporary(path: Path, content: bytes, mode: int, *, sync: bool = True) -> Path:
    temporary = path.parent / f".{path.name[:100]}.{os.getpid()}.{os.urandom(6).hex()}.tmp"
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(handle, view) :]
        if sync:
            os.fsync(handle)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    finally:
        os.close(handle)
    return temporary


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
