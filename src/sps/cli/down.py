"""`sps down`: stop the daemon of this home."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import msgspec

from sps.cli.frame import Frame, changing
from sps.model.errors import WorkFailed

if TYPE_CHECKING:
    from pathlib import Path


class Stopped(msgspec.Struct, frozen=True):
    """Which daemon was stopped; null when there was none."""

    pid: int | None


@click.command("down")
@changing
def down(frame: Frame) -> None:
    """Stop the daemon. What runs is stopped in good order, and goes on at the next start."""
    with frame.world() as world:
        lock = world.home.lock
    from sps.bootstrap.drain import daemon_of

    pid = daemon_of(lock) if frame.dry_run else stop_daemon(lock)
    frame.show(
        Stopped(pid),
        lambda one: "no daemon works on this home" if one.pid is None
        else f"the daemon (pid {one.pid}) {'would be' if frame.dry_run else 'has'} stopped",
    )  # fmt: skip


def stop_daemon(lock: Path) -> int | None:
    """Stop the daemon that holds a home and wait until it has ended; return its process, None when
    there is none. Raises `Held("home-busy")`, `WorkFailed("daemon-stuck")`."""
    from sps.bootstrap.drain import PATIENCE_S, ask

    pid, over = ask(lock)
    if not over:
        raise WorkFailed(
            "daemon-stuck", f"the daemon (pid {pid}) did not stop within {PATIENCE_S:.0f} s",
            hint=f"kill -KILL {pid}",
        )  # fmt: skip
    return pid
