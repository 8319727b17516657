"""Whether a daemon or a tick works on a home, told by the lock it holds."""

from __future__ import annotations

import fcntl
import os

from sps.ports.home import Home


def is_alive(home: Home) -> bool:
    """Return whether some process holds the home's lock. Writes nothing and does not wait."""
    try:
        handle = os.open(home.lock, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
