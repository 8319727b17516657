"""`sps why`: why a card is where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sps.cli.card.arguments import card_argument
from sps.cli.frame import Frame, reading

if TYPE_CHECKING:
    from sps.services.why import Why


@click.command("why")
@card_argument
@reading
def why(frame: Frame, project: str, seq: int) -> None:
    """Say where a card is, why, what to do about it, and how it came there."""
    from sps.services.why import why as explain

    with frame.world() as world:
        found = explain(world, project, seq)
    frame.show(found, _text)


def _text(found: Why) -> str:
    parts = [f"{found.card.number}  {found.card.title}", f"  where  {found.where}"]
    parts.append(f"  why    {found.why}")
    if found.detail:
        parts.append(f"  detail {found.detail}")
    if found.next:
        parts.append(f"  next   {found.next}")
    parts.append("")
    for event in found.timeline:
        if event.level != "debug":
            says = event.says.replace("\n", " ")
            parts.append(f"  {event.at}  {says}")
    return "\n".join(parts)
