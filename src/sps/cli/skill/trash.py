"""`sps skill trash`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sps.cli.frame import Frame, changing, reading
from sps.cli.lazy_group import Entry, LazyGroup
from sps.cli.skill.here import answer_one, looking, scope
from sps.cli.table import table

if TYPE_CHECKING:
    from sps.services.skills.trash import Trash

_HERE = "sps.cli.skill.trash"

trash = LazyGroup(
    "trash",
    entries={
        "list": Entry(f"{_HERE}:list_", "list what lies in the trash"),
        "restore": Entry(f"{_HERE}:restore", "put something back into this repository"),
    },
    help="Skills that were taken away: nothing edited is ever deleted.",
)


@click.command("list")
@reading
def list_(frame: Frame) -> None:
    """List what lies in the trash, the newest first."""
    from sps.services.skills.trash import list_trash

    frame.show(list_trash(looking(frame)), _text)


def _text(found: Trash) -> str:
    if not found.items:
        return "the trash is empty"
    return table(("ID", "SKILL", "WHY"), [(one.id, one.name, one.why) for one in found.items])


@click.command("restore")
@click.argument("item", metavar="ID")
@click.option("--as", "name", metavar="NAME", help="Under another name.")
@changing
def restore(frame: Frame, item: str, name: str | None) -> int:
    """Put a copy of something in the trash into this repository, as its own."""
    from sps.services.skills.trash import restore_from_trash

    with scope(frame) as where:
        found = restore_from_trash(where, item, name)
    return answer_one(frame, found)
