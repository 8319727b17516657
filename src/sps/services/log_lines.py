"""The log of all projects, a window at a time in both directions, filtered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from sps.lib import times
from sps.lib.nearest import suggestion
from sps.lib.terminal import clean
from sps.model.errors import Misuse
from sps.ports.store import EventQuery
from sps.services import lookup, telling

if TYPE_CHECKING:
    from sps.model.event import Event
    from sps.ports.store import Reading
    from sps.ports.world import World

MOST = 500
DOWNLOADED = 10_000
_LOOKED = 20_000  #: events that one question looks at; the next goes on from there
_STEP = 500
_STRIDE = 8_000
_CONTEXT = 25
_COUNTED = 2_000
BARS = 60
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d(:\d\d(:\d\d(\.\d{3}Z?)?)?)?)?", re.ASCII)


class LogFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which events: of a project, of one of its cards, of a level and above, with a text, from a
    time on and before another (RFC 3339, UTC, or the beginning of such a time)."""

    project: str = ""
    card: int | None = None
    level: str = "info"
    text: str = ""
    since: str = ""
    until: str = ""

    def fits(self, told: telling.EventView) -> bool:
        """Whether an event is wanted."""
        if self.project and told.project != self.project:
            return False
        if self.card is not None and told.card != self.card:
            return False
        if telling.LEVELS.index(told.level) < telling.LEVELS.index(self.level):
            return False
        if self.since and told.at < self.since:
            return False
        if self.until and told.at >= self.until:
            return False
        words = self.text.casefold().split()
        where = f"{told.project}#{told.card} {told.kind} {told.says} {told.run}".casefold()
        return all(word in where for word in words)


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """How many events were in a span of time, and how many of them want attention."""

    at: str
    count: int
    loud: int


class Histogram(msgspec.Struct, frozen=True, kw_only=True):
    """The newest events that fit, counted in equal spans. `cut`: there are older ones."""

    bars: list[Bar]
    seconds: float  #: of one span
    cut: bool


class LogSlice(msgspec.Struct, frozen=True, kw_only=True):
    """Events, newest first. `older` and `newer` are the ids to go on from, null at an end;
    `last` is the newest event of all; `cut`: there was too much to look at in one go."""

    events: list[telling.EventView]
    older: int | None
    newer: int | None
    last: int
    cut: bool = False


def checked(wanted: LogFilter) -> LogFilter:
    """Return a filter that can be used. Raises `Misuse` with unknown-level, bad-filter."""
    if wanted.level not in telling.LEVELS:
        near = suggestion(wanted.level[:40], telling.LEVELS)
        raise Misuse("unknown-level", f'there is no level "{wanted.level[:40]}"{near}')
    if wanted.card is not None and not wanted.project:
        raise Misuse("bad-filter", "a card has its number in a project: name the project too")
    for moment in (wanted.since, wanted.until):
        if moment and not _MOMENT.fullmatch(moment):
            raise Misuse("bad-filter", f"{moment[:40]!r} is no time like 2026-01-31T12:00")
    if len(wanted.text) > 200:
        raise Misuse("bad-filter", "a text to look for has at most 200 characters")
    return wanted


def older(
    world: World, wanted: LogFilter, *, before: int | None = None, limit: int = 50
) -> LogSlice:
    """Return the events before an id, the newest of all without one.

    Raises `Misuse`: unknown-level, bad-filter, unknown-project, unknown-card.
    """
    checked(wanted)
    count = min(max(1, limit), DOWNLOADED)

    def question(tx: Reading) -> LogSlice:
        search = _Search(tx, wanted)
        last = tx.last_event()
        top = last + 1 if before is None else min(before, last + 1)
        found, end = search.back(top, count)
        newer = top - 1 if top <= last else None
        return LogSlice(
            events=found, older=end, newer=newer, last=last,
            cut=end is not None and len(found) < count,
        )  # fmt: skip

    return world.store.read(question)


def newer(world: World, wanted: LogFilter, *, after: int, limit: int = 50) -> LogSlice:
    """Return the events that follow an id, newest first. Raises as `older`."""
    checked(wanted)
    count = min(max(1, limit), MOST)

    def question(tx: Reading) -> LogSlice:
        found, end = _Search(tx, wanted).forth(after, count)
        return LogSlice(
            events=found[::-1], older=after + 1, newer=end, last=tx.last_event(),
            cut=end is not None and len(found) < count,
        )  # fmt: skip

    return world.store.read(question)


def around(world: World, wanted: LogFilter, at: int) -> LogSlice:
    """Return an event with what was before and after it. Raises as `older`."""
    checked(wanted)

    def question(tx: Reading) -> LogSlice:
        search = _Search(tx, wanted)
        later, newest = search.forth(at - 1, _CONTEXT)
        earlier, oldest = search.back(at, _CONTEXT)
        return LogSlice(
            events=later[::-1] + earlier, older=oldest, newer=newest, last=tx.last_event()
        )

    return world.store.read(question)


def histogram(world: World, wanted: LogFilter) -> Histogram:
    """Count the newest 2,000 events that fit. Raises as `older`."""
    found = older(world, wanted, limit=_COUNTED)
    if not found.events:
        return Histogram(bars=[], seconds=0, cut=False)
    moments = [times.moment(one.at) for one in found.events]
    first, last = min(moments), max(moments)
    span = max(1, (last - first) // BARS + 1)
    counts, loud = [0] * BARS, [0] * BARS
    for at, one in zip(moments, found.events, strict=True):
        place = min(BARS - 1, (at - first) // span)
        counts[place] += 1
        loud[place] += one.level in ("warning", "error")
    bars = [
        Bar(at=times.rfc3339(first + span * n), count=counts[n], loud=loud[n]) for n in range(BARS)
    ]
    return Histogram(bars=bars, seconds=span / 1000, cut=found.older is not None)


def as_text(events: list[telling.EventView]) -> str:
    """Write events as lines, oldest first."""
    rows = []
    for one in reversed(events):
        where = one.project if one.card is None else f"{one.project}#{one.card}"
        says = " ".join(clean(one.says).split())
        rows.append(f"{one.at} {one.level:<7} {where} {one.kind} {says} [{one.id}]")
    return "\n".join(rows) + "\n" * bool(rows)


class _Search:
    """Looks through the events in windows of ids, so that it needs no order but theirs."""

    def __init__(self, tx: Reading, wanted: LogFilter) -> None:
        self._tx = tx
        self._wanted = wanted
        self._numbers: dict[str, int | None] = {}
        self._card: str | None = None
        if wanted.project:
            lookup.project(tx, wanted.project)
        if wanted.card is not None:
            self._card = lookup.card(tx, wanted.project, wanted.card).id

    def back(self, top: int, count: int) -> tuple[list[telling.EventView], int | None]:
        """Return events below an id, newest first, and where to go on; None at the end."""
        found: list[telling.EventView] = []
        looked, stride = 0, _STEP
        while top > 1:
            low = max(1, top - stride)
            events = [one for one in self._read(low - 1, top - low) if one.id < top]
            looked += len(events)
            for told in self._fitting(reversed(events)):
                if len(found) == count:
                    return found, found[-1].id
                found.append(told)
            top, stride = low, min(stride * 2, _STRIDE)
            if looked >= _LOOKED:
                return found, top if top > 1 else None
        return found, None

    def forth(self, after: int, count: int) -> tuple[list[telling.EventView], int | None]:
        """Return events above an id, oldest first, and where to go on; None at the end."""
        found: list[telling.EventView] = []
        looked = 0
        while looked < _LOOKED:
            events = self._read(after, _STEP)
            looked += len(events)
            for told in self._fitting(iter(events)):
                if len(found) == count:
                    return found, found[-1].id
                found.append(told)
            if len(events) < _STEP:
                return found, None
            after = events[-1].id
        return found, after

    def _read(self, after: int, limit: int) -> list[Event]:
        project = self._wanted.project or None
        query = EventQuery(project=project, card_id=self._card, after_id=after, limit=limit)
        return self._tx.events(query)

    def _fitting(self, events: Iterator[Event]) -> Iterator[telling.EventView]:
        for event in events:
            told = telling.view(event, self._number(event.card_id))
            if self._wanted.fits(told):
                yield told

    def _number(self, card_id: str | None) -> int | None:
        if card_id is None:
            return None
        if card_id not in self._numbers:
            card = self._tx.card(card_id)
            self._numbers[card_id] = card.seq if card else None
        return self._numbers[card_id]
