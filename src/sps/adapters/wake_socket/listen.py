"""The listening side, in the daemon."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path

from sps.adapters.wake_socket import address
from sps.model.errors import Absent, Held, Misuse

_MOST_AT_ONCE = 1000


class Listener:
    """A bound socket. `close` ends the listening and removes the socket file."""

    def __init__(self, path: Path, bell: socket.socket, on_ring: Callable[[], None]) -> None:
        self._path = path
        self._bell = bell
        self._on_ring = on_ring
        self._inode = os.lstat(path).st_ino
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(bell.fileno(), self._rung)

    def close(self) -> None:
        """Stop listening. A socket file that another daemon has made meanwhile stays."""
        if self._bell.fileno() < 0:
            return
        self._loop.remove_reader(self._bell.fileno())
        self._bell.close()
        with contextlib.suppress(FileNotFoundError):
            if os.lstat(self._path).st_ino == self._inode:
                os.unlink(self._path)

    def _rung(self) -> None:
        # Many rings before anyone looked are one ring.
        for _ in range(_MOST_AT_ONCE):
            try:
                self._bell.recv(1)
            except (BlockingIOError, InterruptedError):
                break
        self._on_ring()


async def listen(path: Path, on_ring: Callable[[], None]) -> Listener:
    """Make the socket (mode 0600) and call `on_ring` in this loop after each ring or burst.

    Whoever calls this holds the home's lock, so a socket file from before is a dead daemon's.
    Raises `Misuse("insecure-home")` when others may write beside it, `Misuse("foreign-socket")`
    when something else stands in its place, `Held("home-in-use")` when somebody answers there,
    `Absent("no-socket")` when the system refuses.
    """
    _check_folder(path.parent)
    _remove_stale(path)
    bell = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    try:
        with address.usable(path) as where:
            bell.bind(where)
        os.chmod(path, 0o600)
        return Listener(path, bell, on_ring)
    except OSError as err:
        bell.close()
        says = f"the wake-up socket {path} cannot be made: {err.strerror or err}"
        raise Absent("no-socket", says, hint="sps doctor", where=str(path)) from err


def _check_folder(folder: Path) -> None:
    status = os.stat(folder)
    if status.st_uid != os.geteuid() or status.st_mode & 0o022:
        says = f"{folder} can be written by others, or belongs to somebody else"
        raise Misuse("insecure-home", says, hint=f"chmod 700 {folder}", where=str(folder))


def _remove_stale(path: Path) -> None:
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(status.st_mode) or status.st_uid != os.geteuid():
        says = f"{path} is no socket of ours"
        raise Misuse("foreign-socket", says, hint=f"look at it, then: rm {path}", where=str(path))
    with (
        contextlib.suppress(OSError),
        address.usable(path) as where,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as probe,
    ):
        probe.connect(where)
        says = f"another daemon listens at {path}"
        raise Held("home-in-use", says, hint="sps status", where=str(path))
    os.unlink(path)
