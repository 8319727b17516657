"""Why a card is where it is, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from sps.flow.scopes import ahead
from sps.lib.times import rfc3339
from sps.model.card import ACTIVE, TERMINAL, Card, CardState
from sps.model.reason import FOR_A_PERSON, LANDING_REFUSED
from sps.ports.store import CardQuery, EventQuery
from sps.services import judgement, lookup, telling
from sps.services.advice import advice, advice_now
from sps.services.card_view import CardView, view
from sps.services.standstill import Standstill, standstill
from sps.services.trace import Trace, trace

if TYPE_CHECKING:
    from sps.model.project import Project
    from sps.ports.store import Reading
    from sps.ports.world import World

_LOOK_AHEAD = 2048
_S = CardState


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """Where a card is, why, and what to type (`next`, empty when it goes on by itself; `then` is
    the command after that one, if any).

    `evidence` is what the newest attempt was told; `gates` are the red ones, while the card waits
    because of one."""

    card: CardView
    where: str
    why: str
    detail: str | None
    next: str
    then: str
    findings: list[judgement.FindingView]
    reviews: list[judgement.VerdictView]
    gates: list[judgement.GateView]
    evidence: str
    timeline: list[telling.EventView]
    trace: Trace


def why(world: World, project: str, seq: int) -> Why:
    """Explain a card. Raises `Misuse` with unknown-project or unknown-card."""
    now = world.clock.now()
    stopped = standstill(world, world.store.read(lambda tx: lookup.project(tx, project)))

    def question(tx: Reading) -> Why:
        card = lookup.card(tx, project, seq)
        where = lookup.project(tx, project)
        reason, command = _reason(tx, card, _Ground(where, stopped), now)
        known = advice_now(tx, card, where.repo)
        person = card.state is _S.NEEDS_HUMAN
        events = tx.events(EventQuery(card_id=card.id))
        red = _red(tx, card)
        if card.reason == "base-red" and any(gate.lacks for gate in red):
            reason = f"{judgement.LACKS} {reason}"
        open_ = card.state not in TERMINAL
        return Why(
            card=view(card),
            where=_where(card),
            why=reason,
            detail=card.detail or None,
            next=known.command if person and card.reason else command,
            then=known.then,
            findings=judgement.findings(events) if open_ else [],
            reviews=judgement.reviews(tx.verdicts(card.id), events) if open_ else [],
            gates=red,
            evidence=judgement.evidence(events) if card.reason else "",
            timeline=[telling.view(event, seq) for event in events],
            trace=trace(card, events),
        )

    return world.store.read(question)


class _Ground(NamedTuple):
    project: Project
    stopped: Standstill | None


def _red(tx: Reading, card: Card) -> list[judgement.GateView]:
    if card.reason not in ("gate-failed", "base-red"):
        return []
    return [gate for gate in judgement.gates(tx.gate_verdicts(card.id)) if not gate.ok]


_WHERE: dict[CardState, str] = {
    _S.PLANNING: "in planning: it never starts by itself",
    _S.BACKLOG: "in the backlog: accepted, not yet ready",
    _S.READY: "ready: it starts as soon as there is a free slot",
    _S.RUNNING: "running: an agent works on stage {stage}, attempt {attempt}",
    _S.GATING: "gating: the gates judge the merged tree",
    _S.REVIEW: "in review, stage {stage}",
    _S.LANDING: "landing: queued for the target branch",
    _S.NEEDS_HUMAN: "needs a person",
    _S.DONE: "done: landed as {commit}",
    _S.DROPPED: "dropped: given up for good",
}


def _where(card: Card) -> str:
    commit = card.landed.commit[:12] if card.landed else "a ref of its own in the vault"
    return _WHERE[card.state].format(stage=card.stage, attempt=card.attempt, commit=commit)


def _reason(tx: Reading, card: Card, ground: _Ground, now: int) -> tuple[str, str]:
    """Return why it stands there, in words, and the command that helps."""
    if card.state in (_S.DONE, _S.DROPPED):
        return "Nothing is left to do.", ""
    if card.reason:
        return _explained(card, ground, now)
    if card.state is _S.PLANNING:
        release = f"sps card move {card.project} {card.seq} backlog"
        return "Its owner holds it; release it to let it run.", release
    if ground.stopped:
        return _halted(card, ground, ground.stopped)
    if card.state is _S.BACKLOG:
        return _backlog(tx, card)
    if card.state is _S.READY:
        return _ready(tx, card, now)
    return "It is being worked on; nothing has to be done.", ""


def _halted(card: Card, ground: _Ground, stopped: Standstill, later: str = "") -> tuple[str, str]:
    """Return the words for a card that waits with its whole project."""
    reason, detail = stopped.reason, stopped.detail
    known = advice(reason, card, ground.project.repo)
    first = f" {detail.partition(chr(10))[0]}" if detail and reason != card.reason else ""
    says = f"The whole project starts nothing new. {known.says}{first}{later}"
    return says if says.endswith(".") else f"{says}.", known.command


def _explained(card: Card, ground: _Ground, now: int) -> tuple[str, str]:
    """Return the words for a card's reason. A card that goes on by itself needs no command."""
    known = advice(card.reason or "", card, ground.project.repo)
    later = f" Next try: {rfc3339(card.not_before)}." if card.not_before > now else ""
    if card.reason in LANDING_REFUSED and card.state is _S.LANDING:
        return f"{known.says}{later}", known.command
    if card.state in (_S.NEEDS_HUMAN, _S.PLANNING) or card.reason in FOR_A_PERSON:
        return known.says, known.command
    if ground.stopped:
        return _halted(card, ground, ground.stopped, later)
    if card.reason == "no-change":
        return f"The agent changed nothing; it goes on by itself with one more attempt.{later}", ""
    goes_on = "" if "by itself" in known.says else " It goes on by itself."
    return f"{known.says}{goes_on}{later}", ""


def _backlog(tx: Reading, card: Card) -> tuple[str, str]:
    parents = {seq: tx.card_by_seq(card.project, seq) for seq in card.text.after}
    waits = [
        (seq, parent.state.value if parent else "missing")
        for seq, parent in parents.items()
        if parent is None or parent.state is not _S.DONE
    ]
    if not waits:
        return "It starts when SPS works on this project.", f"sps tick {card.project}"
    names = ", ".join(f"{seq} ({state})" for seq, state in waits)
    return f"It waits for these cards to be done: {names}.", f"sps why {card.project} {waits[0][0]}"


def _ready(tx: Reading, card: Card, now: int) -> tuple[str, str]:
    if card.not_before > now:
        return f"It is tried again at {rfc3339(card.not_before)}.", ""
    if (other := _same_files(tx, card, now)) is not None:
        says = f"It waits for card {other.seq}, which expects to touch the same files (scope)."
        return f"{says} It goes on by itself.", f"sps why {card.project} {other.seq}"
    running = len(tx.cards(CardQuery(project=card.project, states=(_S.RUNNING,))))
    says = "It starts when SPS works on this project and a worker is free"
    busy = f" ({running} cards are running now)" if running else ""
    return f"{says}{busy}.", "" if running else f"sps tick {card.project}"


def _same_files(tx: Reading, card: Card, now: int) -> Card | None:
    if not card.text.scope:
        return None
    ready = tx.startable_of(card.project, now, _LOOK_AHEAD)
    return ahead(card, tx.cards(CardQuery(project=card.project, states=tuple(ACTIVE))), ready)
