"""The other machines that work on the same home."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sps.ports.store import Reading

if TYPE_CHECKING:
    from sps.ports.store import Message
    from sps.ports.world import World


def others(world: World, tx: Reading) -> frozenset[str]:
    """Return the workers beside us that live: what they hold is not ours to touch."""
    return frozenset(one.id for one in tx.workers() if one.alive) - {world.worker}


def mine(world: World, tx: Reading, kind: str) -> list[Message]:
    """Return the orders of a kind that are not for another living worker: starts go to who claimed
    the card, the end of a launch to who runs it."""
    living = others(world, tx)
    found = tx.outbox(kind=kind)
    if not living:
        return found
    if kind == "cancel":
        return [message for message in found if message.payload not in living]
    return [message for message in found if not _held(tx, message, living)]


def _held(tx: Reading, message: Message, living: frozenset[str]) -> bool:
    card = tx.card(message.key.rpartition(":")[0])
    return card is not None and card.workflow_id == message.key and card.worker in living
