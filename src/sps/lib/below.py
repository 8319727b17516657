"""Files below a folder in which somebody else may have planted links: none is followed."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from sps.lib import plain_file

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def read(root: Path, name: str, limit: int) -> tuple[bytes, os.stat_result]:
    """Return content and status of a regular file of at most `limit` bytes. Raises `OSError`,
    `plain_file.NotPlain`, `plain_file.TooLarge`."""
    with _parent(root, name) as (folder, last):
        return plain_file.read(Path(last), limit, inside=folder)


def status(root: Path, name: str) -> os.stat_result:
    """Return what is known of a file without opening it. Raises `OSError`."""
    with _parent(root, name) as (folder, last):
        return os.stat(last, dir_fd=folder, follow_symlinks=False)


def write(root: Path, name: str, content: bytes, *, mode: int = 0o600) -> None:
    """Replace a file as a whole and wait for the disk; folders on the way are made, mode 0700.
    Raises `OSError`."""
    with _parent(root, name, make=True) as (folder, last):
        temporary = f".{last[:100]}.{os.getpid()}.{os.urandom(6).hex()}.tmp"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
        handle = os.open(temporary, flags, mode, dir_fd=folder)
        try:
            with open(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.rename(temporary, last, src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary, dir_fd=folder)
            raise
        os.fsync(folder)


def remove(root: Path, name: str) -> bool:
    """Remove a file; say whether there was one. Raises `OSError`."""
    try:
        with _parent(root, name) as (folder, last):
            os.unlink(last, dir_fd=folder)
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


@contextlib.contextmanager
def _parent(root: Path, name: str, *, make: bool = False) -> Iterator[tuple[int, str]]:
    """Open the folder of a file; give its handle and the file's own name."""
    *folders, last = PurePosixPath(name).parts
    if name.startswith("/") or ".." in (*folders, last):
        raise ValueError(f"{name!r} is no path below a folder")
    handle = os.open(root, _FOLDER)
    try:
        for folder in folders:
            if make:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(folder, 0o700, dir_fd=handle)
            inner = os.open(folder, _FOLDER, dir_fd=handle)
            os.close(handle)
            handle = inner
        yield handle, last
    finally:
        os.close(handle)
