"""What the events of one card tell, read once and judged without the store."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from sps.flow.gate_word import Waiver, gate_word
from sps.model.card import TERMINAL, CardState
from sps.model.event import Event, EventKind, Standing, fold
from sps.model.transitions import TABLE, Verb


class Passed(msgspec.Struct, frozen=True):
    """The gates' last word before a landing: which gates said yes, and which were waived."""

    gates: tuple[str, ...]
    waived: tuple[str, ...] = ()


class Ran(msgspec.Struct, frozen=True):
    """A gate that said yes to a tree; `cached` verdicts were recorded for an earlier run."""

    name: str
    tree: str
    cached: bool


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """What one card's events add up to, and what is wrong among them."""

    standing: Standing | None
    gaps: tuple[str, ...]
    illegal: tuple[str, ...]
    left_terminal: tuple[str, ...]
    tips: dict[str, str]  #: run -> newest tip that was brought into the vault
    salvage: tuple[str, ...]  #: refs that hold what is not part of a tip
    passed: Passed | None
    ran: frozenset[Ran]
    waivers: tuple[Waiver, ...]
    kept: str | None  #: the commit, when the card landed in mode none


def tell(events: list[Event]) -> Story:
    """Read the events of one card, oldest first."""
    illegal, left = _moves(events)
    return Story(
        standing=fold(events),
        gaps=tuple(_gaps(events)),
        illegal=tuple(illegal),
        left_terminal=tuple(left),
        tips=_tips(events),
        salvage=tuple(_salvage(events)),
        passed=_passed(events),
        ran=frozenset(_ran(events)),
        waivers=gate_word(events).waivers,
        kept=_kept(events),
    )


def _gaps(events: list[Event]) -> Iterable[str]:
    expected = 1
    for event in events:
        if event.seq != expected:
            yield f"event {expected} is missing: the next one has number {event.seq}"
        expected = event.seq + 1
    if not events:
        yield "the card has no event at all"
    elif events[0].kind is not EventKind.CARD_ADDED and events[0].seq == 1:
        yield f"the first event is {events[0].kind.value}, not card.added"


def _moves(events: list[Event]) -> tuple[list[str], list[str]]:
    """Return (moves that the table does not have, moves out of a terminal state)."""
    illegal: list[str] = []
    left: list[str] = []
    for event in events:
        if event.kind is not EventKind.CARD_MOVED:
            continue
        verb, source, target = (str(event.payload.get(key)) for key in ("verb", "from", "to"))
        said = f"event {event.seq}: {verb} led from {source} to {target}"
        if source in {state.value for state in TERMINAL}:
            left.append(said)
        elif not _legal(verb, source, target):
            illegal.append(said)
    return illegal, left


def _legal(verb: str, source: str, target: str) -> bool:
    try:
        return TABLE.get((CardState(source), Verb(verb))) == target
    except ValueError:
        return False


def _tips(events: list[Event]) -> dict[str, str]:
    tips: dict[str, str] = {}
    for event in events:
        key = {EventKind.RUN_COLLECTED: "tip", EventKind.RUN_SWEPT: "salvage"}.get(event.kind)
        tip = event.payload.get(key) if key else None
        if event.run_id and tip:
            tips[event.run_id] = str(tip)
    return tips


def _salvage(events: list[Event]) -> Iterable[str]:
    for event in events:
        if event.kind is EventKind.RUN_COLLECTED and event.payload.get("salvage"):
            yield str(event.payload["salvage"])


def _passed(events: list[Event]) -> Passed | None:
    """Return the last move out of gating that let the card through."""
    found: Passed | None = None
    for event in events:
        if event.kind is not EventKind.CARD_MOVED or event.payload.get("from") != CardState.GATING:
            continue
        if event.payload.get("verb") in (Verb.PASSED, Verb.APPROVED):
            found = Passed(_names(event, "gates"), _names(event, "waived"))
    return found


def _names(event: Event, key: str) -> tuple[str, ...]:
    return tuple(str(name) for name in event.payload.get(key) or ())


def _ran(events: list[Event]) -> Iterable[Ran]:
    for event in events:
        if event.kind is EventKind.GATE_RAN and event.payload.get("ok"):
            payload = event.payload
            yield Ran(str(payload["name"]), str(payload["tree"]), bool(payload.get("cached")))


def _kept(events: list[Event]) -> str | None:
    for event in reversed(events):
        if event.kind is EventKind.LAND_DONE:
            return str(event.payload["commit"]) if event.payload.get("mode") == "none" else None
    return None
