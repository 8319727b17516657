"""How the work goes, in figures: what waits, what runs, what landed, how long it takes."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from sps.model.card import ACTIVE, CardState
from sps.model.event import EventKind
from sps.ports.store import EventQuery

if TYPE_CHECKING:
    from sps.model.event import Event
    from sps.ports.store import Reading
    from sps.ports.world import World

DAYS = 14
_LOOKED = 10_000  #: of the newest events
_LANDINGS = 500
_QUEUED = (CardState.BACKLOG, CardState.READY)
_GOOD = "ended"


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """One number a day, oldest first; null on a day without any."""

    days: list[str]
    values: list[float | None]


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds: the median and the 95th percentile of `n`; null without any."""

    n: int
    p50: float | None = None
    p95: float | None = None


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Of all projects, over the last 14 days (UTC). `cut`: there were more events than were looked
    at, so the oldest days lack some."""

    queued: int
    active: int
    needs_human: int
    runs_live: int
    oldest_queued_seconds: float
    landed_today: int
    landed: int
    runs: int
    runs_bad: int
    time_to_land: Spread
    gates: Spread
    gates_red: int
    landings_by_day: Series
    runs_by_day: Series
    gate_p95_by_day: Series
    cut: bool


def figures(world: World) -> Figures:
    """Add up what the rows say."""
    now = world.clock.now()
    return world.store.read(lambda tx: _figures(tx, now))


def _figures(tx: Reading, now: int) -> Figures:
    days = _days(now)
    begin = _moment(days[0])
    last = tx.last_event()
    events = [
        one for one in tx.events(EventQuery(after_id=max(0, last - _LOOKED))) if one.at >= begin
    ]
    ended = [one for one in events if one.kind is EventKind.RUN_ENDED]
    gates = [
        one for one in events if one.kind is EventKind.GATE_RAN and not one.payload.get("cached")
    ]
    landed, times = _landed(tx, begin)
    counts = _counts(tx)
    return Figures(
        queued=sum(counts.get(state, 0) for state in _QUEUED),
        active=sum(counts.get(state, 0) for state in ACTIVE),
        needs_human=counts.get(CardState.NEEDS_HUMAN, 0),
        runs_live=len(tx.runs(live=True)),
        oldest_queued_seconds=_oldest(tx, now),
        landed_today=sum(_day(at) == days[-1] for at in landed),
        landed=len(landed),
        runs=len(ended),
        runs_bad=sum(one.payload.get("outcome") != _GOOD for one in ended),
        time_to_land=spread(times),
        gates=spread(_seconds(gates)),
        gates_red=sum(not one.payload.get("ok") for one in gates),
        landings_by_day=_per_day(days, landed),
        runs_by_day=_per_day(days, [one.at for one in ended]),
        gate_p95_by_day=_slow_gates(days, gates),
        cut=last > _LOOKED and bool(events) and events[0].id == last - _LOOKED + 1,
    )


def spread(values: Sequence[float]) -> Spread:
    """Return median and 95th percentile (nearest rank) of some seconds."""
    if not values:
        return Spread(n=0)
    ordered = sorted(values)
    rank = math.ceil(0.95 * len(ordered)) - 1
    return Spread(
        n=len(ordered), p50=round(statistics.median(ordered), 3), p95=round(ordered[rank], 3)
    )


def _counts(tx: Reading) -> dict[CardState, int]:
    found: dict[CardState, int] = {}
    for states in tx.counts().values():
        for name, number in states.items():
            found[CardState(name)] = found.get(CardState(name), 0) + number
    return found


def _oldest(tx: Reading, now: int) -> float:
    ready = tx.startable(now, 1_000)
    return max((max(0.0, (now - one.updated_at) / 1000) for one in ready), default=0.0)


def _landed(tx: Reading, begin: int) -> tuple[list[int], list[float]]:
    """Return when cards landed, and how many seconds after they were added."""
    done = [one for one in tx.landings(begin) if one.state == "done"]
    cards = [card for one in done[-_LANDINGS:] if (card := tx.card(one.card_id)) is not None]
    times = [
        max(0, card.updated_at - card.created_at) / 1000
        for card in cards
        if card.state is CardState.DONE
    ]
    return [one.at for one in done], times


def _seconds(gates: Iterable[Event]) -> list[float]:
    found = [one.payload.get("seconds") for one in gates]
    return [float(one) for one in found if isinstance(one, int | float)]


def _per_day(days: list[str], moments: Iterable[int]) -> Series:
    counts = dict.fromkeys(days, 0)
    for at in moments:
        if _day(at) in counts:
            counts[_day(at)] += 1
    return Series(days=days, values=[float(one) for one in counts.values()])


def _slow_gates(days: list[str], gates: list[Event]) -> Series:
    by_day: dict[str, list[Event]] = {day: [] for day in days}
    for one in gates:
        by_day.setdefault(_day(one.at), []).append(one)
    return Series(days=days, values=[spread(_seconds(by_day[day])).p95 for day in days])


def _days(now: int) -> list[str]:
    today = datetime.fromtimestamp(now / 1000, tz=UTC)
    return [_name(today - timedelta(days=back)) for back in range(DAYS - 1, -1, -1)]


def _day(at: int) -> str:
    return _name(datetime.fromtimestamp(at / 1000, tz=UTC))


def _name(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d")


def _moment(day: str) -> int:
    return round(datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC).timestamp() * 1000)
