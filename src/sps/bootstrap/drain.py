"""Having a home for oneself: a daemon that works on it is asked to end, and in the end made to."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from sps.lib.lock import FileLock, holder
from sps.model.errors import Held
from sps.ports.home import Home

PATIENCE_S = 45.0  #: longer than a daemon takes to stop what runs and to salvage it
_KILLED_S = 5.0
_LOOK_S = 0.05
_DAEMON = re.compile(r"daemon pid (\d+)")


def daemon_of(lock: Path) -> int | None:
    """Return the daemon that holds a home, None when nobody does. Raises `Held("home-busy")` when
    it is somebody else."""
    who = holder(lock)
    if who is None:
        return None
    found = _DAEMON.fullmatch(who.strip())
    if found is None:
        raise Held(
            "home-busy", f"this home is held by: {who}; that is no daemon, let it end or stop it",
            hint="sps status",
        )  # fmt: skip
    return int(found[1])


def ask(lock: Path, seconds: float = PATIENCE_S) -> tuple[int | None, bool]:
    """Ask the daemon to end and wait; return which one it was and whether it has ended."""
    pid = daemon_of(lock)
    if pid is None:
        return None, True
    _signal(pid, signal.SIGTERM)
    return pid, _ended(lock, pid, seconds)


def drain(lock: Path, seconds: float = PATIENCE_S) -> int | None:
    """Ask the daemon to end; one that does not in time is ended at once, and what it worked on
    stands as after a crash. Return which one it was. Raises `Held("home-busy")`."""
    pid, over = ask(lock, seconds)
    if pid is None or over:
        return pid
    _signal(pid, signal.SIGKILL)
    if not _ended(lock, pid, _KILLED_S):
        raise Held("home-busy", f"the daemon (pid {pid}) does not end", hint=f"kill -KILL {pid}")
    return pid


@contextlib.contextmanager
def alone(lock: Path) -> Iterator[int | None]:
    """Hold a home's lock, for which its daemon is drained; give which one that was. Whoever holds
    the lock already has it for itself."""
    mine = FileLock(lock)
    drained: int | None = None
    if not mine.take(f"upgrade pid {os.getpid()}"):
        if str(os.getpid()) in (holder(lock) or "").split():
            yield None
            return
        drained = drain(lock)
        if not mine.take(f"upgrade pid {os.getpid()}"):
            who = holder(lock) or "another process"
            raise Held("home-busy", f"this home is in use: {who}", hint="sps status")
    try:
        yield drained
    finally:
        mine.release()


def upgraded(home: Home, drained: int | None) -> str:
    """Say what was done to a home whose database was upgraded."""
    says = f"the database of {home.root} was upgraded"
    if drained is None:
        return says
    again = "sps up --detach, or sps up --service"
    return f"{says}; the older daemon (pid {drained}) was stopped, start it again: {again}"


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _ended(lock: Path, pid: int, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while daemon_of(lock) == pid:
        if time.monotonic() > end:
            return False
        time.sleep(_LOOK_S)
    return True
