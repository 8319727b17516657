"""When a landing that was refused is tried again: less and less often, unless something changes."""

from __future__ import annotations

from collections.abc import Collection

from sps.flow.admit import ANEW
from sps.lib import backoff
from sps.model.card import Card, CardState
from sps.model.errors import SpsError
from sps.model.event import Event, EventKind
from sps.model.reason import LANDING_REFUSED
from sps.ports.store import CardQuery, Reading
from sps.ports.world import World

_FIRST_S, _MOST_S = 10.0, 300.0
_LOOKED_AT = 100  # events of a card: what came before the tries of `_MOST_S` changes nothing


class Refusals:
    """Remembers, for this process, what there was to decide about the landings that were refused:
    the card's text, its pipeline, and what the vault tells of the landing target."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._seen: dict[str, object] | None = None

    def lifted(self, projects: Collection[str]) -> frozenset[str]:
        """Return the ids of refused cards for which something has changed since the last look. At
        the first look of a process these are all: nobody knows what happened before."""
        query = CardQuery(states=(CardState.LANDING,))
        cards = self._world.store.read(lambda tx: tx.cards(query))
        waiting = [c for c in cards if c.project in projects and c.reason in LANDING_REFUSED]
        marks = {name: self._mark(name) for name in {card.project for card in waiting}}
        before, self._seen = self._seen, {c.id: (c.text, marks[c.project]) for c in waiting}
        if before is None:
            return frozenset(self._seen)
        return frozenset(
            card_id for card_id, now in self._seen.items() if before.get(card_id, now) != now
        )

    def _mark(self, name: str) -> object:
        project = self._world.store.read(lambda tx: tx.project(name))
        if project is None:
            return None
        try:
            pipeline = self._world.pipeline_files.load(name)
            return pipeline, self._world.vault.mark(project, pipeline.land)
        except SpsError as err:
            return err.code  # the landing itself says what is wrong


def next_try(world: World, tx: Reading, card: Card) -> int:
    """Return when (milliseconds) a landing that was just refused is tried again: after about as
    long as it has been refused by now, within bounds."""
    now = world.clock.now()
    events = tx.newest_events(card.id, _LOOKED_AT)
    oldest = events[-1].at if events else now
    since = next((event.at for event in events if _begins(event)), oldest)
    span = min(_MOST_S, max(_FIRST_S, (now - since) / 1000))
    return now + int(1000 * backoff.jittered(span, world.chance.fraction()))


def _begins(event: Event) -> bool:
    return event.kind is EventKind.LAND_WAITING or bool(event.payload.get(ANEW))
