"""`sps setup`: make the home and see what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import msgspec

from sps.bootstrap import home_folder
from sps.cli.frame import Frame, changing
from sps.cli.table import table

if TYPE_CHECKING:
    from sps.services.setup_home import SetUp


@click.command("setup")
@changing
def setup(frame: Frame) -> None:
    """Make the home (mode 0700), look for agents and the sandbox, and say what to type next.

    The home is $SPS_HOME, else ~/.sps. It asks nothing; run again, it changes nothing.
    """
    from sps.services.setup_home import set_up

    with frame.world(create=True) as world:
        done = set_up(world)
    if frame.dry_run:  # the home that was looked at may be a throw-away one
        done = msgspec.structs.replace(done, home=str(home_folder()))
    frame.show(done, _text)


def _text(done: SetUp) -> str:
    rows = [
        (one.name, "ready" if one.ok else "not here", one.version, "" if one.ok else one.cure)
        for one in done.agents
    ]
    boxed = "works" if done.sandbox.ok else f"does not work: {done.sandbox.cause}"
    parts = [f"home     {done.home}", f"sandbox  {boxed}"]
    if not done.sandbox.ok and done.sandbox.command:
        parts.append(f"         {done.sandbox.command}")
    if rows:
        parts += ["", table(("AGENT", "", "VERSION", "TO INSTALL"), rows)]
    return "\n".join([*parts, "", f"next: {done.next}"])
