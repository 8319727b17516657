"""What is promised to users in numbers, and how it is kept: measured from what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sps.model.card import CardState
from sps.model.event import EventKind
from sps.ports.store import EventQuery
from sps.services.figures import spread

if TYPE_CHECKING:
    from sps.model.event import Event
    from sps.ports.store import Reading
    from sps.ports.world import World

DAY_MS = 86_400_000
WINDOW_DAYS = 28
_LOOKED = 20_000
_MOVING = (
    CardState.READY,
    CardState.RUNNING,
    CardState.GATING,
    CardState.REVIEW,
    CardState.LANDING,
)
_STUCK_H = 24
_LAND_S = 5.0
_CLAIM_S = 2.0


class Objective(msgspec.Struct, frozen=True, kw_only=True):
    """One promise. `measured` None: nothing happened that could be measured; `n` of how many."""

    name: str
    target: str
    measured: float | None
    unit: str
    n: int
    ok: bool
    why: str


class Objectives(msgspec.Struct, frozen=True, kw_only=True):
    """All promises, over the last 28 days or as far back as was looked."""

    objectives: list[Objective]


def objectives(world: World) -> Objectives:
    """Measure the promises that this home's own rows can tell."""
    now = world.clock.now()
    return world.store.read(lambda tx: Objectives(objectives=_measured(tx, now)))


def within(name: str, seconds: list[float], most: float, why: str) -> Objective:
    """Judge a promise about the 95th percentile of some seconds."""
    found = spread(seconds)
    return Objective(
        name=name, target=f"95 % within {most:g} s", measured=found.p95, unit="s", n=found.n,
        ok=found.p95 is None or found.p95 <= most, why=why,
    )  # fmt: skip


def _measured(tx: Reading, now: int) -> list[Objective]:
    begin = now - WINDOW_DAYS * DAY_MS
    last = tx.last_event()
    events = [
        one for one in tx.events(EventQuery(after_id=max(0, last - _LOOKED))) if one.at >= begin
    ]
    stuck = _stuck(tx, now)
    return [
        Objective(
            name="Nothing is silently stuck", target="0 cards", measured=float(stuck), unit="",
            n=stuck, ok=stuck == 0,
            why="A card that stands still for a day without a reason is forgotten work.",
        ),
        within("A ready card is taken", _claims(events), _CLAIM_S,
               "An idle agent is lost time; measured while slots were free."),
        within("Approved work lands", _landings(events), _LAND_S,
               "Our own part of a landing, after gates and review."),
    ]  # fmt: skip


def _stuck(tx: Reading, now: int) -> int:
    return tx.still(_MOVING, now - _STUCK_H * 3_600_000)


def _claims(events: list[Event]) -> list[float]:
    """Return from ready to taken, of cards that began while nothing else ran."""
    found: list[float] = []
    ready: dict[str, int] = {}
    running: set[str] = set()
    for event in events:
        if event.kind is not EventKind.CARD_MOVED or event.card_id is None:
            continue
        to = event.payload.get("to")
        if to == "ready" and not running:
            ready[event.card_id] = event.at
        elif to == "running":
            began = ready.pop(event.card_id, None)
            if began is not None:
                found.append((event.at - began) / 1000)
            running.add(event.card_id)
            ready.clear()
        if to != "running":
            running.discard(event.card_id)
    return found


def _landings(events: list[Event]) -> list[float]:
    """Return from the landing lane to landed, of cards that did not wait for anybody there."""
    found: list[float] = []
    began: dict[str, int] = {}
    for event in events:
        card = event.card_id or ""
        if event.kind is EventKind.CARD_MOVED and event.payload.get("to") == "landing":
            began[card] = event.at
        elif event.kind is EventKind.LAND_WAITING:
            began.pop(card, None)
        elif event.kind is EventKind.LAND_DONE and card in began:
            found.append((event.at - began.pop(card)) / 1000)
    return found
