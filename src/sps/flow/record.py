"""Writing a step's result: one transaction, refused when a newer run owns the card."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

from sps.flow import measures, spans
from sps.flow.secret_text import masked, masked_all
from sps.lib.context import request_mark
from sps.lib.threads import in_thread
from sps.model.card import Card
from sps.model.event import Event, EventKind
from sps.model.transitions import Verb, move
from sps.ports.store import Reading, Writing
from sps.ports.world import World

_log = logging.getLogger(__name__)

Also = Callable[[Writing], None]


async def record(
    world: World,
    card: Card,
    verb: Verb,
    *,
    events: Sequence[Event] = (),
    also: Also | None = None,
    **changes: Any,
) -> Card:
    """Move a card and store everything that belongs to that move together.

    `payload` among the changes goes into the event of the move. What looks like a secret is written
    down nowhere. Raises `Stale` when the card has
    changed since it was read.
    """
    payload = {**masked_all(changes.pop("payload", None) or {}), **spans.place(card)}
    if "detail" in changes:
        changes["detail"] = masked(changes["detail"])
    done = move(card, verb, at=world.clock.now(), payload=payload, **changes)

    def change(tx: Writing) -> Card:
        for event in events:
            tx.add_event(event)
        if also is not None:
            also(tx)
        return tx.save(done, generation=card.generation)

    after = await in_thread(world.store.write, change)
    measures.moved(after)
    measures.told(events)
    _log.info(
        "card moved",
        extra={
            "card": f"{card.project}#{card.seq}",
            "verb": verb.value,
            "state": after.state.value,
            "reason": after.reason or "",
        },
    )
    return after


async def note(world: World, card: Card, kind: EventKind, /, **payload: Any) -> None:
    """Append one event of a card."""
    event = fact(world, card, kind, **payload)
    await in_thread(world.store.write, lambda tx: tx.add_event(event))


def fact(
    world: World, card: Card, kind: EventKind, run_id: str | None = None, /, **payload: Any
) -> Event:
    """Make an event of a card, not yet stored. It says where in the card's trace it belongs and,
    outside of a launch, which call it comes from."""
    piece = run_id
    if kind is EventKind.GATE_RAN:
        piece = spans.gate_piece(str(payload["name"]), str(payload["tree"]))
    here = spans.place(card, piece)
    asked = {} if "step" in here else request_mark()
    return Event(
        project=card.project,
        card_id=card.id,
        kind=kind,
        at=world.clock.now(),
        run_id=run_id,
        payload={**masked_all(payload), **here, **asked},
    )


async def current(world: World, card_id: str) -> Card | None:
    """Read a card as it is now."""

    def question(tx: Reading) -> Card | None:
        return tx.card(card_id)

    return await in_thread(world.store.read, question)
