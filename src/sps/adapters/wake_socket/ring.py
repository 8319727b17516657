"""The ringing side."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from sps.adapters.wake_socket import address


class SocketWake:
    """Rings by one byte in one datagram. Only a socket of our own user is rung."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def ring(self) -> bool:
        """Ring once; True when a living daemon holds the other end. Never waits: a full buffer is
        full of rings that nobody has looked at yet, and one more would say nothing new."""
        try:
            status = os.lstat(self._path)
            if not stat.S_ISSOCK(status.st_mode) or status.st_uid != os.geteuid():
                return False
            import socket  # loaded only where there is a bell to ring

            with (
                address.usable(self._path) as where,
                socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bell,
            ):
                bell.setblocking(False)
                bell.sendto(b"!", where)
        except BlockingIOError:
            return True
        except (OSError, ValueError):
            return False
        return True
