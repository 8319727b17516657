"""`sps card add`: the quick path. What this module imports, every call pays for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sps.cli.frame import Frame, changing
from sps.cli.words import body_of

if TYPE_CHECKING:
    from sps.model.card import CardText
    from sps.services.card_view import CardView


@click.command("add")
@click.argument("project")
@click.argument("title")
@click.argument("body", required=False)
@click.option("--file", "-F", "file", metavar="F", help="Read the body from a file, - is stdin.")
@click.option("--skill", "skills", multiple=True, metavar="S", help="A skill the agent gets.")
@click.option("--label", "labels", multiple=True, metavar="L", help="A label.")
@click.option("--after", type=int, multiple=True, metavar="SEQ", help="A card to wait for.")
@click.option("--priority", type=int, default=0, metavar="N", help="Higher starts first.")
@click.option("--agent", metavar="A", help="The agent for this card only, or several: A,B.")
@click.option("--model", metavar="M", help="The agent's model for this card.")
@click.option("--effort", metavar="E", help="How hard it thinks: low, high or as it says.")
@click.option("--hold", is_flag=True, help="Leave it in planning.")
@click.option("--key", metavar="K", help="Repeating the call with this key adds nothing.")
@changing
def add(
    frame: Frame, project: str, title: str, body: str | None, file: str | None, **more: object
) -> None:
    """Add a card and print its number.

    The card runs as soon as it may: with `sps tick PROJECT`, or at once while a daemon works.
    """
    from sps.services.add_card import add_card
    from sps.services.card_view import view

    key = more.pop("key")
    text = _text(title=title, body=body_of(body, file), **more)
    with frame.world() as world:
        card = add_card(world, project, text, key=str(key) if key else None)
    frame.show(view(card), _would_be if frame.dry_run else _number)


def _text(**fields: object) -> CardText:
    from sps.model.card import CardText

    return CardText(**fields)  # type: ignore[arg-type]  # click has made each of its declared type


def _number(card: CardView) -> str:
    return str(card.seq)


def _would_be(card: CardView) -> str:
    return f"would be added to {card.state}, as card {card.seq} if nobody adds one first"
