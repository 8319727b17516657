"""`sps down`: stop the daemon of this home."""

from __future__ import annotations

import os
import re
import signal
import time
from typing import TYPE_CHECKING

import click
import msgspec

from sps.cli.frame import Frame, changing
from sps.model.errors import Held, WorkFailed

if TYPE_CHECKING:
    from pathlib import Path

_PATIENCE_S = 45.0
_LOOK_S = 0.05
_DAEMON = re.compile(r"daemon pid (\d+)")


class Stopped(msgspec.Struct, frozen=True):
    """Which daemon was stopped; null when there was none."""

    pid: int | None


@click.command("down")
@changing
def down(frame: Frame) -> None:
    """Stop the daemon. What runs is stopped in good order, and goes on at the next start."""
    with frame.world() as world:
        lock = world.home.lock
    pid = _daemon(lock) if frame.dry_run else stop_daemon(lock)
    frame.show(
        Stopped(pid),
        lambda one: "no daemon works on this home" if one.pid is None
        else f"the daemon (pid {one.pid}) {'would be' if frame.dry_run else 'has'} stopped",
    )  # fmt: skip


def stop_daemon(lock: Path) -> int | None:
    """Stop the daemon that holds a home and wait until it has ended; return its process, None when
    there is none. Raises `Held("home-busy")`, `WorkFailed("daemon-stuck")`."""
    pid = _daemon(lock)
    if pid is not None:
        os.kill(pid, signal.SIGTERM)
        _await(lock, pid)
    return pid


def _daemon(lock: Path) -> int | None:
    """Return the process that holds the home, None when nobody does. Raises `Held("home-busy")`
    when it is no daemon."""
    from sps.lib.lock import holder

    who = holder(lock)
    if who is None:
        return None
    found = _DAEMON.fullmatch(who.strip())
    if found is None:
        raise Held("home-busy", f"this home is held by: {who}; that is no daemon, stop it there",
                   hint="sps status")  # fmt: skip
    return int(found[1])


def _await(lock: Path, pid: int) -> None:
    """Wait until the lock is free. Raises `WorkFailed("daemon-stuck")`."""
    end = time.monotonic() + _PATIENCE_S
    while _daemon(lock) == pid:
        if time.monotonic() > end:
            raise WorkFailed(
                "daemon-stuck", f"the daemon (pid {pid}) did not stop within {_PATIENCE_S:.0f} s",
                hint=f"kill -KILL {pid}",
            )  # fmt: skip
        time.sleep(_LOOK_S)
