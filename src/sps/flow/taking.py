"""Taking a card away from whatever works on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sps.lib.context import request_mark
from sps.model.card import ACTIVE, Card, CardState
from sps.model.errors import Held
from sps.model.transitions import Move, Verb, move
from sps.ports.store import Message, Writing

if TYPE_CHECKING:
    from sps.ports.world import World


def stop(world: World, tx: Writing, card: Card, verb: Verb, **changes: Any) -> Card:
    """Move a card and end its launch, if it has one: the late result of it will be refused."""
    at = world.clock.now()
    landing = tx.landing(card.id)
    if card.state is CardState.LANDING and landing is not None and landing.in_flight:
        raise Held(
            "landing-in-flight",
            f"{card.project}#{card.seq} is being landed at this moment: the target may have it",
            hint=f"sps tick {card.project}, then look again: sps why {card.project} {card.seq}",
        )
    if card.state not in ACTIVE:
        return tx.save(asked(card, verb, at=at, worker=None, **changes))
    fresh = card.generation + 1
    after = tx.save(asked(card, verb, at=at, generation=fresh, worker=None, **changes))
    tx.post(Message(kind="cancel", key=card.workflow_id, payload=card.worker or ""), at)
    return after


def asked(card: Card, verb: Verb, *, at: int, **changes: Any) -> Move:
    """Apply a verb; the event says which call asked for it."""
    return move(card, verb, at=at, payload=request_mark(), **changes)
