"""Putting a decision off: the card is not shown among what needs somebody, until then or until it
changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sps.model.desk import Desk, Snooze
from sps.model.errors import Misuse
from sps.services import lookup

if TYPE_CHECKING:
    from sps.ports.store import Reading
    from sps.ports.world import World

LONGEST_H = 24 * 30
MOST = 200
_HOUR_MS = 3_600_000


def snooze(world: World, project: str, seq: int, hours: int) -> Snooze:
    """Put a card's decision off. Zero hours shows it again. Raises `Misuse` (unknown-project,
    unknown-card, bad-hours, too-many-put-off)."""
    if not 0 <= hours <= LONGEST_H:
        raise Misuse("bad-hours", f"a decision is put off for 0 to {LONGEST_H} hours")
    card = world.store.read(lambda tx: lookup.card(tx, project, seq))
    now = world.clock.now()
    over = {*world.desk.read().snoozes} - {*snoozed(world).values()}
    made = Snooze(card_id=card.id, until=now + hours * _HOUR_MS, version=card.version)

    def change(desk: Desk) -> tuple[Desk, Snooze]:
        others = [one for one in desk.snoozes if one.card_id != card.id and one not in over]
        kept = (*others, made) if hours else tuple(others)
        if len(kept) > MOST:
            says = f"{MOST} decisions are put off already; decide some of them first"
            raise Misuse("too-many-put-off", says)
        return msgspec.structs.replace(desk, snoozes=kept), made

    return world.desk.change(change)


def snoozed(world: World) -> dict[str, Snooze]:
    """Return the decisions that are put off now, by the card's id: a card that has changed since is
    not put off any more. Raises `Absent("desk-broken")`."""
    now = world.clock.now()
    found = [one for one in world.desk.read().snoozes if one.until > now]

    def question(tx: Reading) -> dict[str, Snooze]:
        cards = ((one, tx.card(one.card_id)) for one in found)
        return {one.card_id: one for one, card in cards if card and card.version == one.version}

    return world.store.read(question) if found else {}
