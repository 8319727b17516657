"""The gates of a card: how each stands now, and how it usually goes in this project."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

import msgspec

from sps.flow.gate_word import gate_word
from sps.flow.gates import gates_of
from sps.model.card import Card, CardState
from sps.model.errors import SpsError
from sps.model.event import Event, EventKind
from sps.model.pipeline import Pipeline
from sps.ports.store import EventQuery
from sps.services import judgement, lookup
from sps.services.gate_verbs import GateVerbs, gate_verbs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sps.model.pipeline import Gate
    from sps.ports.store import Reading
    from sps.ports.world import World

_LOOKED = 500  #: newest runs of gates in the project
_RECENT = 24
_BEFORE_GATES = (CardState.READY, CardState.RUNNING)
_INTO = ("worked", "regate", "approved", "resume")


class GateRan(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a gate in this project. `at` is in milliseconds."""

    card: int
    at: int
    ok: bool
    seconds: float
    tree: str


class GateHistory(msgspec.Struct, frozen=True, kw_only=True):
    """How a gate went lately, over all cards: `runs` are the newest, oldest first; the numbers are
    of all that were looked at. `flaky`: so many trees it judged both ways. Seconds."""

    ran: int
    failed: int
    flaky: int
    median: float | None
    runs: list[GateRan]


class GateFact(msgspec.Struct, frozen=True, kw_only=True):
    """One gate of a card. `standing`: passed, failed, timed-out, waived, skipped, running or
    waiting; `why` says why it was skipped or waived. `earlier`: the verdict is on work that has
    been changed since."""

    name: str
    command: str
    standing: str
    why: str
    earlier: bool
    verdict: judgement.GateView | None
    history: GateHistory


class GateFacts(msgspec.Struct, frozen=True, kw_only=True):
    """All gates of a card in the order in which they run, and what may be done about them."""

    gates: list[GateFact]
    verbs: GateVerbs


def gate_facts(world: World, project: str, seq: int) -> GateFacts:
    """Collect the gates of a card. Raises `Misuse` with unknown-project or unknown-card."""
    pipeline = _pipeline(world, project)

    def question(tx: Reading) -> GateFacts:
        card = lookup.card(tx, project, seq)
        lately = tx.gates_ran(project, _LOOKED)
        return GateFacts(
            gates=_facts(tx, card, pipeline, _histories(lately)),
            verbs=gate_verbs(tx, card),
        )

    return world.store.read(question)


def _pipeline(world: World, project: str) -> Pipeline:
    try:
        return world.pipeline_files.load(project)
    except SpsError:  # what has run is shown all the same; the card's banner says what is wrong
        return Pipeline()


def _facts(
    tx: Reading, card: Card, pipeline: Pipeline, known: dict[str, GateHistory]
) -> list[GateFact]:
    events = tx.events(EventQuery(card_id=card.id))
    verdicts = {one.name: one for one in judgement.gates(tx.gate_verdicts(card.id))}
    gates = {gate.name: gate for gate in gates_of(pipeline, card)}
    word = gate_word(events)
    waived = {(one.gate, one.tree): f"{one.why} ({one.by})" for one in word.waivers}
    lately, skipped = _lately(events)
    found: list[GateFact] = []
    for name in dict.fromkeys([*gates, *verdicts]):
        verdict = verdicts.get(name)
        why = waived.get((name, verdict.tree), "") if verdict and not verdict.ok else ""
        standing = _standing(card, verdict, why, name in lately, name in skipped)
        if standing == "waiting" and card.state is CardState.GATING:
            before = [one for one in found if one.standing == "running"]
            standing = "waiting" if before else "running"
        found.append(
            GateFact(
                name=name, command=_command(gates.get(name), verdict), standing=standing,
                why=why or skipped.get(name, ""), verdict=verdict,
                earlier=verdict is not None and card.state in _BEFORE_GATES,
                history=known.get(name, _NO_HISTORY),
            )
        )  # fmt: skip
    return found


def _command(gate: Gate | None, verdict: judgement.GateView | None) -> str:
    if verdict is not None:
        return verdict.command
    if gate is None:
        return ""
    return gate.run or f"skills: {gate.skills}"


def _lately(events: Iterable[Event]) -> tuple[set[str], dict[str, str]]:
    """Return which gates have run and which were skipped since the card came to the gates the last
    time."""
    ran: set[str] = set()
    skipped: dict[str, str] = {}
    for event in events:
        payload = event.payload
        if event.kind is EventKind.CARD_MOVED and payload.get("to") == CardState.GATING:
            if payload.get("verb") in _INTO:
                ran, skipped = set(), {}
        elif event.kind is EventKind.GATE_RAN:
            ran.add(str(payload.get("name")))
        elif event.kind is EventKind.GATE_SKIPPED:
            skipped[str(payload.get("name"))] = str(payload.get("why") or "")
    return ran, skipped


def _standing(
    card: Card, verdict: judgement.GateView | None, waived: str, ran: bool, skipped: bool
) -> str:
    if skipped:
        return "skipped"
    if verdict is None or (card.state is CardState.GATING and not ran):
        return "waiting"
    if verdict.ok:
        return "passed"
    if waived:
        return "waived"
    return "timed-out" if verdict.timed_out else "failed"


def _histories(ran: Iterable[tuple[int, Event]]) -> dict[str, GateHistory]:
    runs: dict[str, list[GateRan]] = {}
    for number, event in ran:
        payload = event.payload
        if payload.get("cached"):
            continue
        seconds = payload.get("seconds")
        made = GateRan(
            card=number, at=event.at, ok=bool(payload.get("ok")),
            seconds=float(seconds) if isinstance(seconds, int | float) else 0.0,
            tree=str(payload.get("tree") or ""),
        )  # fmt: skip
        runs.setdefault(str(payload.get("name")), []).append(made)
    return {name: _history(found) for name, found in runs.items()}


def _history(runs: list[GateRan]) -> GateHistory:
    by_tree: dict[str, set[bool]] = {}
    for one in runs:
        by_tree.setdefault(one.tree, set()).add(one.ok)
    return GateHistory(
        ran=len(runs), failed=sum(not one.ok for one in runs),
        flaky=sum(len(both) > 1 for both in by_tree.values()),
        median=statistics.median(one.seconds for one in runs), runs=runs[-_RECENT:],
    )  # fmt: skip


_NO_HISTORY = GateHistory(ran=0, failed=0, flaky=0, median=None, runs=[])
