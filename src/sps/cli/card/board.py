"""`sps card board`: a project's board as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sps.cli.frame import Frame, reading
from sps.cli.table import table

if TYPE_CHECKING:
    from sps.services.board import BoardView


@click.command("board")
@click.argument("project")
@click.argument("words", nargs=-1, metavar="[FILTER]...")
@reading
def board(frame: Frame, project: str, words: tuple[str, ...]) -> None:
    """Show the columns of a project and the cards in them, as the pipeline names them.

    FILTER is what the console's board takes: is:ready label:ui words.
    """
    from sps.services.board import board as look
    from sps.services.card_filter import parsed

    wanted = parsed(" ".join(words))
    with frame.world() as world:
        found = look(world, project, wanted)
    frame.show(found, _text)


def _text(found: BoardView) -> str:
    parts: list[str] = []
    for column in found.columns:
        limit = f"; {column.at_work} of {column.limit} at work" if column.limit else ""
        parts.append(f"{column.title} ({column.total}{limit})")
        rows = [
            ("", card.seq, card.title, f"[{card.state}{_because(card.reason)}]")
            for card in column.cards
        ]
        if rows:
            parts += table(("", "", "", ""), rows).splitlines()[1:]
        if column.more:
            parts.append(f"  more: sps card list {found.project.name} --from {column.more}")
    return "\n".join([*parts, *found.broken])


def _because(reason: str | None) -> str:
    return f": {reason}" if reason else ""
