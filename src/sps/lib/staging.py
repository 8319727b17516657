"""Folders in which something is made ready: whoever dies over one leaves it to who comes next."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from sps.lib.lock import FileLock

_TRIES = 20


@contextlib.contextmanager
def staged(name: Callable[[], Path], lock: str) -> Iterator[Path]:
    """Give a fresh folder, mode 0700, that is removed afterwards, unless it was renamed. While
    inside, the file `lock` in it is held. `name` gives another path each time. Raises `OSError`."""
    folder, mine = _made(name, lock)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        mine.release()


def sweep(parent: Path, beginning: str, lock: str) -> int:
    """Remove the folders in `parent` with names that begin so, if whoever made them is dead; return
    how many. Failing is no harm: the next sweep tries again."""
    try:
        names = [name for name in os.listdir(parent) if name.startswith(beginning)]
    except OSError:
        return 0
    return sum(_removed(parent / name, lock) for name in names)


def _made(name: Callable[[], Path], lock: str) -> tuple[Path, FileLock]:
    """Make a folder and lock it; a sweep that came in between has another one made."""
    for _ in range(_TRIES):
        folder = name()
        folder.mkdir(mode=0o700, parents=True)
        mine = FileLock(folder / lock)
        with contextlib.suppress(FileNotFoundError):
            if mine.take(f"staging pid {os.getpid()}"):
                return folder, mine
    raise FileExistsError(f"somebody else has each folder like {name()}")


def _removed(folder: Path, lock: str) -> bool:
    if folder.is_symlink() or not folder.is_dir():
        return False
    theirs = FileLock(folder / lock)
    try:
        if not theirs.take(f"sweep pid {os.getpid()}"):
            return False
    except OSError:
        return False
    try:
        shutil.rmtree(folder, ignore_errors=True)
        return not folder.exists()
    finally:
        theirs.release()
