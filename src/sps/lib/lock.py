"""A lock that dies with its holder: flock on a file, never a pid file."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

_PAUSE = 0.005
_TRIES = 100  # to get the file that is there, while others take theirs away


class FileLock:
    """An exclusive lock on a file, taken at once or not at all."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle = -1

    def take(self, note: str = "") -> bool:
        """Take the lock and write a note about its holder; False when another process has it."""
        if not self._flock(fcntl.LOCK_EX):
            return False
        os.ftruncate(self._handle, 0)
        os.write(self._handle, note.encode())
        return True

    def share(self) -> bool:
        """Take a part in the lock: others may share it, nobody may take it; False when somebody
        has."""
        return self._flock(fcntl.LOCK_SH)

    def _flock(self, kind: int) -> bool:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        for _ in range(_TRIES):
            handle = os.open(self._path, flags, 0o600)
            try:
                fcntl.flock(handle, kind | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(handle)
                return False
            if self._is_there(handle):
                self._handle = handle
                return True
            os.close(handle)  # whoever had it took the file away: who comes now has another
        return False

    def _is_there(self, handle: int) -> bool:
        try:
            there = os.stat(self._path, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return os.path.samestat(there, os.fstat(handle))

    def remove(self) -> None:
        """Take the file away, then let go of the lock; without effect when it is not held."""
        if self._handle >= 0:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._path)
            self.release()

    def release(self) -> None:
        """Let go of the lock; without effect when it is not held."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


@contextlib.contextmanager
def held(path: Path, *, seconds: float) -> Iterator[None]:
    """Hold the lock on a file against other threads and processes. Raises `TimeoutError` when it
    could not be had in that time."""
    lock = FileLock(path)
    end = time.monotonic() + seconds
    while not lock.take(str(os.getpid())):
        if time.monotonic() > end:
            raise TimeoutError(f"{path} is held by another process")
        time.sleep(_PAUSE)
    try:
        yield
    finally:
        lock.release()


def holder(path: Path) -> str | None:
    """Return the note of the process that holds a lock, None when nobody does."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return os.read(handle, 4096).decode(errors="replace")
    finally:
        os.close(handle)
    return None
