"""Where a person can move a card on a board."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sps.model.card import TERMINAL, CardState
from sps.model.errors import Misuse
from sps.services import lookup, move_card
from sps.services.layout import layout_of

if TYPE_CHECKING:
    from sps.model.card import Card
    from sps.ports.world import World


def ways(card: Card) -> tuple[str, ...]:
    """Return the columns that a person can move a card to; it comes to the others by its work."""
    if card.state in TERMINAL:
        return ()
    if card.state is CardState.PLANNING:
        return ("backlog", "ready")
    return ("planning", "ready") if move_card.waits(card) else ("planning",)


def move_to(
    world: World, project: str, seq: int, column: str, *, version: int | None = None
) -> Card:
    """Move a card to a column, or as far towards it as a person can: what is sent to `ready` waits
    in the backlog for what it depends on. Where it stands there already nothing changes.

    Raises `Misuse` (unknown-project, unknown-card, unknown-column, cannot-move) and `Stale` when
    the card has another version by now.
    """
    layout = layout_of(world, project)
    wanted = layout.known(column)
    card = world.store.read(lambda tx: lookup.card(tx, project, seq))
    if layout.of(card) == column:
        return card
    if column == "planning" and card.state not in TERMINAL:
        return move_card.hold_card(world, project, seq, version=version)
    if column == "ready" and move_card.waits(card):
        return move_card.retry_card(world, project, seq, version=version)
    held = card.state in (CardState.PLANNING, CardState.BACKLOG)
    if column in ("backlog", "ready") and held:
        return move_card.release_card(world, project, seq, version=version)
    why = "nothing leads out of there" if card.state in TERMINAL else "its work decides that"
    raise Misuse(
        "cannot-move", f"card {project}#{seq} cannot be moved to {wanted.title}: {why}",
        hint=f"sps why {project} {seq}",
    )  # fmt: skip
