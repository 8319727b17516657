"""The verbs of a card's owner: move, comment, approve, reject, retry, cancel, drop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sps.cli.card.arguments import card_argument
from sps.cli.frame import Frame, changing
from sps.cli.words import text_of
from sps.lib.nearest import suggestion
from sps.model.errors import Misuse

if TYPE_CHECKING:
    from sps.model.card import Card

_PLACES = ("planning", "backlog")


@click.command("move")
@card_argument
@click.argument("place", metavar="planning|backlog")
@changing
def move(frame: Frame, project: str, seq: int, place: str) -> None:
    """Hold a card in planning, or release it to the backlog. Everywhere else cards move by
    themselves."""
    from sps.services.move_card import hold_card, release_card

    if place not in _PLACES:
        near = suggestion(place, _PLACES)
        raise Misuse(
            "unknown-place", f'a card can be moved to planning or backlog, not to "{place}"{near}',
            hint=f"sps card move {project} {seq} backlog",
        )  # fmt: skip
    with frame.world() as world:
        verb = hold_card if place == "planning" else release_card
        card = verb(world, project, seq)
    show(frame, card)


@click.command("comment")
@card_argument
@click.argument("text", required=False)
@click.option("--file", "-F", "file", metavar="F", help="Read it from a file, - is stdin.")
@changing
def comment(frame: Frame, project: str, seq: int, text: str | None, file: str | None) -> None:
    """Say something for the next prompt of a card; a running agent gets it at the end of its
    turn."""
    from sps.services.move_card import comment_card

    words = text_of(text, file)
    if words is None:
        raise Misuse(
            "missing-argument", "TEXT is missing", hint=f'sps card comment {project} {seq} "..."'
        )
    with frame.world() as world:
        card = comment_card(world, project, seq, words)
    show(frame, card, "noted; ")


_NOTES = click.option(
    "--note", "notes", multiple=True, metavar="PATH:LINE: TEXT",
    help="A remark on a line, or on lines as PATH:3-7: TEXT.",
)  # fmt: skip


@click.command("approve")
@card_argument
@click.option("--comment", "words", default="", metavar="TEXT", help="What is to be kept with it.")
@_NOTES
@changing
def approve(frame: Frame, project: str, seq: int, words: str, notes: tuple[str, ...]) -> None:
    """Let a change land that waits for your word. It is bound to the change as it is now."""
    from sps.services.decide_card import approve_card
    from sps.services.remarks import remarks

    with frame.world() as world:
        card = approve_card(world, project, seq, comments=remarks(words, notes))
    show(frame, card, "approved; ")


@click.command("reject")
@card_argument
@click.option("--comment", "words", required=True, metavar="TEXT", help="What should be different.")
@_NOTES
@changing
def reject(frame: Frame, project: str, seq: int, words: str, notes: tuple[str, ...]) -> None:
    """Send a change back to work with a comment for the agent."""
    from sps.services.decide_card import reject_card
    from sps.services.remarks import remarks

    with frame.world() as world:
        card = reject_card(world, project, seq, remarks(words, notes))
    show(frame, card, "sent back; ")


@click.command("resolve")
@card_argument
@click.argument("number", metavar="REVIEW.COMMENT")
@click.option("--reopen", is_flag=True, help="Open it again.")
@changing
def resolve(frame: Frame, project: str, seq: int, number: str, reopen: bool) -> None:
    """Say that a review's comment is settled. `sps card show` numbers them."""
    from sps.services.resolve_comment import resolve_comment

    with frame.world() as world:
        card = resolve_comment(world, project, seq, number, resolved=not reopen)
    show(frame, card, "open again; " if reopen else "settled; ")


@click.command("retry")
@card_argument
@click.option("--stage", metavar="NAME", help="Begin again at this work stage.")
@changing
def retry(frame: Frame, project: str, seq: int, stage: str | None) -> None:
    """Send a card that waits for a person back to work, as a new attempt."""
    from sps.services.move_card import retry_card

    with frame.world() as world:
        card = retry_card(world, project, seq, stage=stage)
    show(frame, card)


@click.command("cancel")
@card_argument
@changing
def cancel(frame: Frame, project: str, seq: int) -> None:
    """Stop what runs for a card and hold it in planning. Its work so far is kept."""
    from sps.services.move_card import cancel_card

    with frame.world() as world:
        card = cancel_card(world, project, seq)
    show(frame, card)


@click.command("drop")
@card_argument
@changing
def drop(frame: Frame, project: str, seq: int) -> None:
    """Give a card up for good. Cards that wait for it will ask for a person."""
    from sps.services.move_card import drop_card

    with frame.world() as world:
        card = drop_card(world, project, seq)
    show(frame, card)


def show(frame: Frame, card: Card, what: str = "") -> None:
    """Print a card after a verb, with what the verb did in front."""
    from sps.services.card_view import view

    frame.show(
        view(card),
        lambda one: (
            f"{one.number}: {what}now in {one.state}"
            + (f", stage {one.stage}, attempt {one.attempt}" if one.stage else "")
        ),
    )
