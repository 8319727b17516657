"""Waiting for a lock of the operating system: gone with its holder, bounded in time."""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from sps.model.errors import Held, WorkFailed


@contextlib.contextmanager
def locked(
    path: Path, flags: int, *, seconds: float, stop: threading.Event | None = None
) -> Iterator[None]:
    """Hold `path`, opened with `flags`, against every other thread and process. Raises `Held`;
    `WorkFailed("git-stopped")` when `stop` is set while it waits."""
    handle = os.open(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        _wait(handle, path, seconds, stop)
        yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def folder_locked(
    folder: Path, *, seconds: float, stop: threading.Event | None = None
) -> Iterator[None]:
    """Hold a folder itself: nothing is written into it. Raises `WorkFailed("folder-lost")`."""
    if not folder.is_dir():
        raise WorkFailed("folder-lost", f"the folder is gone: {folder}", hint="sps verify")
    with locked(folder, os.O_RDONLY | os.O_DIRECTORY, seconds=seconds, stop=stop):
        yield


def _wait(handle: int, path: Path, seconds: float, stop: threading.Event | None) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError as err:
            if time.monotonic() > end:
                raise Held("lock-held", f"another process holds {path}") from err
            if stop is not None and stop.is_set():
                raise WorkFailed("git-stopped", f"SPS stops, {path} is still held") from err
        time.sleep(0.002)
