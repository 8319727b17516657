"""`sps up`: the daemon, in the foreground or detached."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

import click

from sps.cli.frame import Frame, reading
from sps.model.errors import Held, WorkFailed

if TYPE_CHECKING:
    from pathlib import Path

    from sps.services.status import Daemon

PORT = 4311
_PATIENCE_S = 20.0
_LOOK_S = 0.05


@click.command("up")
@click.option("--port", type=click.IntRange(1, 65535), default=PORT, metavar="N",
              help="The port to listen on; the next free one when it is taken.")  # fmt: skip
@click.option("--limit", type=click.IntRange(1, 64), default=8, metavar="N",
              help="At most so many agents at a time.")  # fmt: skip
@click.option("--detach", "-d", is_flag=True, help="Go to the background once it answers.")
@reading
def up(frame: Frame, port: int, limit: int, detach: bool) -> None:
    """Work on all projects until stopped: Ctrl-C here, or sps down from elsewhere."""
    with frame.world(create=True) as world:
        _ = world.home_id
        _refuse_second(world.home.lock)
    if not detach:
        frame.note("working; stop with Ctrl-C or sps down")
        _work(frame, port, limit)
        return
    child = os.fork()
    if child == 0:
        _background(frame, port, limit)
    frame.show(_await(frame, child), lambda one: f"the daemon works (pid {one.pid}), http://{one.host}:"
               f"{one.port}/\nstop it with: sps down")  # fmt: skip


def _refuse_second(lock: Path) -> None:
    from sps.lib.lock import holder

    who = holder(lock)
    if who is not None:
        raise Held("home-busy", f"this home is in use: {who}", hint="sps status")


def _work(frame: Frame, port: int, limit: int) -> None:
    from sps.daemon.up import up as work

    with frame.world() as world:
        work(world, port=port, limit=limit)


def _background(frame: Frame, port: int, limit: int) -> None:
    """Be the daemon: in a session of its own, without the terminal. Never returns."""
    code = 1
    try:
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(null, number)
        _work(frame, port, limit)
        code = 0
    finally:
        sys.stdout.flush()
        os._exit(code)


def _await(frame: Frame, child: int) -> Daemon:
    """Wait until the daemon answers. Raises `WorkFailed("daemon-silent")` when it does not, or has
    ended already."""
    from sps.services.status import living_daemon

    with frame.world() as world:
        home = world.home
    end = time.monotonic() + _PATIENCE_S
    while time.monotonic() < end:
        found = living_daemon(home)
        if found is not None:
            return found
        if os.waitpid(child, os.WNOHANG)[0] == child:
            break
        time.sleep(_LOOK_S)
    raise WorkFailed(
        "daemon-silent", f"the daemon ended, or did not begin to work within {_PATIENCE_S:.0f} s",
        hint=f"look into {home.log}",
    )  # fmt: skip
