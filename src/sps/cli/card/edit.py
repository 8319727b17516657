"""`sps card edit` and `check`: changing what a card says."""

from __future__ import annotations

from typing import Any

import click

from sps.cli.card.arguments import card_argument
from sps.cli.frame import Frame, changing
from sps.cli.words import text_of


@click.command("edit")
@card_argument
@click.option("--title", metavar="T", help="A new title.")
@click.option("--body", metavar="B", help="A new body.")
@click.option("--file", "-F", "file", metavar="F", help="Read the body from a file, - is stdin.")
@click.option("--priority", type=int, metavar="N", help="Higher starts first.")
@click.option("--skill", "skills", multiple=True, metavar="S", help="The skills, all of them.")
@click.option("--label", "labels", multiple=True, metavar="L", help="The labels, all of them.")
@click.option("--after", type=int, multiple=True, metavar="SEQ", help="The cards to wait for.")
@click.option(
    "--agent", metavar="A", help='The agent for this card only, or several: A,B; "" for none.'
)
@click.option("--model", metavar="M", help="The agent's model for this card.")
@click.option("--effort", metavar="E", help="How hard it thinks: low, high or as it says.")
@click.option("--clear", multiple=True, type=click.Choice(["skills", "labels", "after"]),
              help="Empty this list.")  # fmt: skip
@changing
def edit(
    frame: Frame, project: str, seq: int, body: str | None, file: str | None, **given: Any
) -> None:
    """Change a card's file. A list flag replaces the whole list."""
    from sps.services.card_view import view
    from sps.services.edit_card import CardChanges, edit_card

    cleared = given.pop("clear")
    for name in ("skills", "labels", "after"):
        given[name] = given[name] or (() if name in cleared else None)
    changes = CardChanges(body=text_of(body, file), **given)
    with frame.world() as world:
        card = edit_card(world, project, seq, changes)
    frame.show(view(card), lambda one: f"{one.number} changed: {one.title}")


@click.command("split")
@card_argument
@click.argument("titles", nargs=-1, required=True, metavar="TITLE...")
@click.option("--no-wait", is_flag=True, help="This card does not wait for its parts.")
@changing
def split(frame: Frame, project: str, seq: int, titles: tuple[str, ...], no_wait: bool) -> None:
    """Make the parts of a card cards of their own, with its skills, labels and agent."""
    from sps.services.split_card import split_card

    with frame.world() as world:
        done = split_card(world, project, seq, titles, wait=not no_wait)
    frame.show(done, lambda one: "\n".join(f"{part.number}  {part.title}" for part in one.parts))


@click.command("check")
@card_argument
@click.argument("number", type=int, metavar="N")
@click.option("--undo", is_flag=True, help="Take the tick away again.")
@changing
def check(frame: Frame, project: str, seq: int, number: int, undo: bool) -> None:
    """Tick item N of a card's checklist, counted from 1."""
    from sps.services.card_view import view
    from sps.services.checklist import items
    from sps.services.edit_card import check_item

    with frame.world() as world:
        card = check_item(world, project, seq, number, done=not undo)
    found = items(card.text.body)
    done = sum(item.done for item in found)
    frame.show(view(card), lambda one: f"{one.number}: {done} of {len(found)} items done")
