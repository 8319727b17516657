"""`sps console`: the way into the web console."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sps.cli.frame import Frame, reading
from sps.model.errors import Absent

if TYPE_CHECKING:
    from sps.bootstrap import Wired


@click.command("console")
@click.option("--no-open", is_flag=True, help="Print the address only.")
@click.option("--kill", is_flag=True, help="Stop the daemon that serves it, and wait for its end.")
@reading
def console(frame: Frame, *, no_open: bool, kill: bool) -> None:
    """Open the web console; a daemon is started when none works.

    The address holds a word that works once, within ten minutes. Without a browser, type the word
    where the sign-in page asks for it.
    """
    with frame.world() as world:
        if kill:
            _kill(frame, world)
            return
        address = _address(world)
    frame.show({"url": address}, lambda one: one["url"])
    if not no_open and not frame.as_json:
        click.launch(address)


def _address(world: Wired) -> str:
    from sps.cli.up import ensure
    from sps.lib.log import append_to
    from sps.model.access import GrantKind, Role
    from sps.services.access import grant

    daemon = ensure(world.home)
    append_to(world.home.log, "sps.audit", service="cli", env=world.home.root.name)
    word, _ = grant(world, GrantKind.LAUNCH, Role.ADMIN, "sps console")
    return f"http://{daemon.host}:{daemon.port}/sign-in#t={word}"


def _kill(frame: Frame, world: Wired) -> None:
    from sps.cli.down import stop_daemon

    pid = stop_daemon(world.home.lock)
    if pid is None:
        raise Absent("no-daemon", "no daemon works on this home")
    frame.show({"stopped": pid}, lambda one: f"the daemon (pid {one['stopped']}) has stopped")
