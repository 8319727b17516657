"""Folders that somebody else may have made, opened without following a link."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@contextlib.contextmanager
def opened(name: str | Path, *, inside: int | None = None) -> Iterator[int]:
    """Open a folder, readable and writable for us whatever its mode was. Raises `OSError` for
    anything that is no folder itself."""
    try:
        handle = os.open(name, _FOLDER, dir_fd=inside)
    except PermissionError:
        found = os.stat(name, dir_fd=inside, follow_symlinks=False)
        if not stat.S_ISDIR(found.st_mode):
            raise
        os.chmod(name, stat.S_IMODE(found.st_mode) | 0o700, dir_fd=inside)
        handle = os.open(name, _FOLDER, dir_fd=inside)
    try:
        mode = stat.S_IMODE(os.fstat(handle).st_mode)
        if mode & 0o700 != 0o700:
            with contextlib.suppress(PermissionError):
                os.fchmod(handle, mode | 0o700)
        yield handle
    finally:
        os.close(handle)


@contextlib.contextmanager
def as_it_is(name: str | Path, *, inside: int | None = None) -> Iterator[int]:
    """Open a folder for reading and change nothing about it. Raises `OSError`."""
    handle = os.open(name, _FOLDER, dir_fd=inside)
    try:
        yield handle
    finally:
        os.close(handle)


def entered(name: str, *, inside: int) -> int | None:
    """Return a handle of a folder below another one, made if need be; None for anything that is no
    folder. The caller closes it."""
    with contextlib.suppress(FileExistsError):
        os.mkdir(name, 0o755, dir_fd=inside)
    try:
        return os.open(name, _FOLDER, dir_fd=inside)
    except OSError:
        return None


def remove(folder: str | Path) -> None:
    """Remove a folder whatever modes what lies in it has; links are not followed."""
    _open_up(folder)
    for place, names, _ in os.walk(folder):
        for name in names:
            _open_up(os.path.join(place, name))
    shutil.rmtree(folder, ignore_errors=True)


def _open_up(folder: str | Path) -> None:
    if not os.path.islink(folder):
        with contextlib.suppress(OSError):
            os.chmod(folder, 0o700)
