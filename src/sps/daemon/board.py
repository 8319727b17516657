"""One look at the cards: who works, who waits for what, and whether anything can still move."""

from __future__ import annotations

import msgspec

from sps.flow.admit import Parents
from sps.flow.owed import owing
from sps.model.card import ACTIVE, TERMINAL, Card, CardState
from sps.model.reason import FOR_A_PERSON
from sps.ports.store import CardQuery, Reading
from sps.ports.world import World

_LOOKED_AT = 50  # ready cards, those with the lowest numbers
_LATE_MS = 5_000  # a pause that is shorter is over before anybody wonders


class Board(msgspec.Struct, frozen=True, kw_only=True):
    """What a look found. `quiet`: without a person, nothing will change any more."""

    counts: dict[str, dict[str, int]]
    working: int
    halted: tuple[str, ...]
    quiet: bool
    finished: bool  #: every card that is not in planning is done or dropped, no file is broken
    next_due: int | None
    late: tuple[
        Card, ...
    ] = ()  #: of those that are tried again by themselves some seconds from now


def look(world: World, projects: tuple[str, ...], *, admitted: bool = False) -> Board:
    """Look at some projects in one snapshot. `admitted` says that every card of the backlog that
    could become ready by itself has done so, which is long to find out."""
    return world.store.read(lambda tx: _look(world, tx, projects, admitted=admitted))


def _look(world: World, tx: Reading, names: tuple[str, ...], *, admitted: bool) -> Board:
    projects = [project for project in tx.projects() if project.name in names]
    counts = {name: states for name, states in tx.counts().items() if name in names}
    halted = tuple(project.name for project in projects if project.halted)
    active = [card for name in names for card in _active(tx, name)]
    open_ = [name for name in names if name not in halted]
    moving = any(_moves(card) for card in active if card.project in open_)
    ready = sum(counts.get(name, {}).get(CardState.READY.value, 0) for name in open_)
    pending = any(tx.outbox(kind=kind) for kind in ("start", "cancel"))
    pending = pending or bool(owing(tx) & set(names))
    now = world.clock.now()
    due = tx.next_not_before(now)
    admissible = not admitted and _admissible(tx, tuple(open_))
    return Board(
        counts=counts,
        working=sum(card.state is CardState.RUNNING for card in active),
        halted=halted,
        quiet=not (moving or ready or pending or admissible),
        finished=_finished(tx, names, counts),
        next_due=_next_due(active, due, now),
        late=_late(tx, names, active, now) if due else _of_these(active, now),
    )


def _active(tx: Reading, project: str) -> list[Card]:
    return tx.cards(CardQuery(project=project, states=tuple(ACTIVE)))


def _moves(card: Card) -> bool:
    return card.reason not in FOR_A_PERSON


def _admissible(tx: Reading, names: tuple[str, ...]) -> bool:
    """Whether a card of the backlog could still become ready by itself: its parents are all done,
    or it has trouble that has to be told."""
    for name in names:
        known = Parents(tx, name)
        for card in tx.cards(CardQuery(project=name, states=(CardState.BACKLOG,))):
            parents = [known.get(seq) for seq in card.text.after]
            if all(p is None or p.state in TERMINAL for p in parents):
                return True
    return False


def _finished(tx: Reading, names: tuple[str, ...], counts: dict[str, dict[str, int]]) -> bool:
    settled = {CardState.DONE.value, CardState.DROPPED.value, CardState.PLANNING.value}
    for name in names:
        if any(number for state, number in counts.get(name, {}).items() if state not in settled):
            return False
        if tx.file_errors(name):
            return False
    return True


def _late(tx: Reading, names: tuple[str, ...], active: list[Card], now: int) -> tuple[Card, ...]:
    ready = tx.cards(CardQuery(states=(CardState.READY,), limit=_LOOKED_AT))
    return _of_these([*active, *(card for card in ready if card.project in names)], now)


def _of_these(cards: list[Card], now: int) -> tuple[Card, ...]:
    late = now + _LATE_MS
    return tuple(card for card in cards if card.reason and _moves(card) and card.not_before > late)


def _next_due(active: list[Card], ready: int | None, now: int) -> int | None:
    waiting = [card.not_before for card in active if card.not_before > now]
    return min([*waiting, *([ready] if ready else [])], default=None)
