"""`sps project environment`: what setup made and keeps, and dropping it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sps.cli.frame import Frame, changing
from sps.cli.table import table
from sps.lib.byte_size import show

if TYPE_CHECKING:
    from sps.services.environments import EnvironmentList


@click.command("environment")
@click.argument("name")
@click.argument("environments", nargs=-1)
@click.option("--drop", is_flag=True, help="Remove the environments named, all without a name.")
@changing
def environment(frame: Frame, name: str, environments: tuple[str, ...], drop: bool) -> None:
    """List the environments that a project keeps, last used first. Dropped ones are made again
    when they are needed."""
    from sps.services.environments import drop_environments, list_environments

    with frame.world() as world:
        if drop:
            found = drop_environments(world, name, environments)
        else:
            found = list_environments(world, name)
    frame.show(found, _text)


def _text(found: EnvironmentList) -> str:
    lines = [f"dropped {name[:12]}" for name in found.dropped]
    if found.environments:
        rows = [
            (one.name[:12], "own" if one.own else "shared", show(one.bytes), one.files, one.seconds,
             one.used_at)
            for one in found.environments
        ]  # fmt: skip
        lines.append(table(("NAME", "FOR", "SIZE", "FILES", "SETUP S", "LAST USED"), rows))
    room = found.room
    lines.append(
        f"{room.count} kept, {show(room.bytes)}; the home may keep {show(room.limit)} in all"
    )
    return "\n".join(lines)
