"""The history of a project or a card as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sps.lib.nearest import suggestion
from sps.model.errors import Misuse
from sps.ports.store import EventQuery
from sps.services import lookup, telling

if TYPE_CHECKING:
    from sps.ports.store import Reading
    from sps.ports.world import World


class LogPage(msgspec.Struct, frozen=True, kw_only=True):
    """Events, oldest first. `last` is the id to go on after."""

    events: list[telling.EventView]
    last: int


class LogFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which events: of one project or card, of a level and above."""

    project: str | None = None
    seq: int | None = None
    level: str = "info"


def logs(world: World, wanted: LogFilter, *, after: int = 0, newest: int | None = None) -> LogPage:
    """Return the events after an id; `newest` keeps only so many from the end.

    Raises `Misuse` with unknown-project, unknown-card or unknown-level.
    """
    if wanted.level not in telling.LEVELS:
        near = suggestion(wanted.level, telling.LEVELS)
        raise Misuse("unknown-level", f'there is no level "{wanted.level}"{near}',
                     hint="sps logs --level warning")  # fmt: skip

    def question(tx: Reading) -> LogPage:
        card_id = None
        if wanted.project is not None:
            lookup.project(tx, wanted.project)
        if wanted.project is not None and wanted.seq is not None:
            card_id = lookup.card(tx, wanted.project, wanted.seq).id
        query = EventQuery(project=wanted.project, card_id=card_id, after_id=after)
        events = tx.events(query)
        numbers: dict[str, int | None] = {}
        shown = []
        for event in events:
            if telling.LEVELS.index(telling.level(event)) < telling.LEVELS.index(wanted.level):
                continue
            if event.card_id and event.card_id not in numbers:
                card = tx.card(event.card_id)
                numbers[event.card_id] = card.seq if card else None
            shown.append(telling.view(event, numbers.get(event.card_id or "")))
        last = events[-1].id if events else after
        return LogPage(events=shown[-newest:] if newest else shown, last=last)

    return world.store.read(question)
