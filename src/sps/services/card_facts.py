"""Where a card stands on its way, what it cost so far, and what may be done with it now."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

from sps.lib.times import rfc3339
from sps.model.card import TERMINAL, Card, CardState, CardText
from sps.model.errors import SpsError
from sps.model.event import Event, EventKind
from sps.model.pipeline import Budget, Pipeline
from sps.model.reason import AWAITING
from sps.ports.store import EventQuery
from sps.services import lookup
from sps.services.decide_card import held_back

if TYPE_CHECKING:
    from sps.model.run import Run, Usage
    from sps.ports.store import Reading
    from sps.ports.world import World

_S = CardState
_JUDGED = (_S.REVIEW, _S.LANDING, _S.DONE)
_PLACES = {_S.GATING: "gates", _S.LANDING: "land", _S.DONE: "land"}


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A station on the way of a card. `standing`: done, now, failed or ahead."""

    key: str
    name: str
    standing: str


class RunFact(msgspec.Struct, frozen=True, kw_only=True):
    """One agent session of a card. Times are RFC 3339; `ended_at` is null while it is live."""

    id: str
    kind: str
    stage: str
    attempt: int
    agent: str
    worker: str
    workspace: str
    started_at: str
    ended_at: str | None
    seconds: float
    outcome: str | None
    detail: str
    tokens: int | None
    cost_usd: float | None


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """How long a card stood in a state, in milliseconds."""

    state: str
    began: int
    ended: int


class Doable(msgspec.Struct, frozen=True, kw_only=True):
    """What may be done with a card as it stands. `stages` are those a retry may begin with,
    `agents` those that it may be given to."""

    approve: bool
    reject: bool
    retry: bool
    release: bool
    hold: bool
    cancel: bool
    drop: bool
    comment: bool
    edit: bool
    split: bool
    stages: list[str]
    agents: list[str]


class Spend(msgspec.Struct, frozen=True, kw_only=True):
    """What all runs of a card cost, and what they may cost; null is unknown or unbounded."""

    tokens: int | None
    cost_usd: float | None
    seconds: float
    budget: Budget


class CardFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The facts of a card. `version` grows with every write; `words` names its text and `change`
    the change as they are now: who acts on either can say which one they saw."""

    version: int
    words: str
    change: str
    branch: str
    steps: list[Step]
    runs: list[RunFact]
    stretches: list[Stretch]
    doable: Doable
    spend: Spend
    base: str | None
    tip: str | None


def card_facts(world: World, project: str, seq: int) -> CardFacts:
    """Collect the facts of a card. Raises `Misuse` with unknown-project or unknown-card."""
    pipeline = _pipeline(world, project)
    now = world.clock.now()
    agents = sorted(kind.name for kind in world.registry.kinds())

    def question(tx: Reading) -> CardFacts:
        card = lookup.card(tx, project, seq)
        events = tx.events(EventQuery(card_id=card.id))
        usage, spent = tx.spent(card.id)
        return CardFacts(
            version=card.version,
            words=words_of(card.text),
            change=change_of(card) or "",
            branch=pipeline.land.branch or lookup.project(tx, project).branch,
            steps=_steps(card, pipeline, events),
            runs=[_run(run, now) for run in tx.runs(card_id=card.id)],
            stretches=_stretches(card, events, now),
            doable=_doable(tx, card, pipeline, agents),
            spend=_spend(usage, spent, pipeline.budget),
            base=card.base,
            tip=card.tip,
        )

    return world.store.read(question)


def words_of(text: CardText) -> str:
    """Return the name of a card's text as it is now; whether it is held is not part of it."""
    known = msgspec.structs.replace(text, hold=False)
    return hashlib.sha256(msgspec.json.encode(known)).hexdigest()[:16]


def change_of(card: Card) -> str | None:
    """Return the tree that was judged, else the newest work."""
    return card.tree if card.state in _JUDGED and card.tree else card.tip


def _pipeline(world: World, project: str) -> Pipeline:
    try:
        return world.pipeline_files.load(project)
    except SpsError:  # the card is shown all the same; its banner says what is wrong
        return Pipeline()


def _steps(card: Card, pipeline: Pipeline, events: list[Event]) -> list[Step]:
    ways = [("spec", "Spec")]
    ways += [(f"s-{stage.name}", stage.name) for stage in pipeline.work_stages]
    ways.append(("gates", "Gates"))
    ways += [(f"s-{stage.name}", stage.name) for stage in pipeline.review_stages]
    ways.append(("land", "Landing"))
    here = _here(card, [key for key, _ in ways], events)
    stopped = card.state in (_S.NEEDS_HUMAN, _S.DROPPED)
    return [
        Step(
            key=key,
            name=name,
            standing="done" if index < here or card.state is _S.DONE
            else "ahead" if index > here else "failed" if stopped else "now",
        )
        for index, (key, name) in enumerate(ways)
    ]  # fmt: skip


def _here(card: Card, keys: list[str], events: list[Event]) -> int:
    state = card.state
    if state in (_S.NEEDS_HUMAN, _S.DROPPED):  # where it stood before
        moves = [event for event in events if event.kind is EventKind.CARD_MOVED]
        word = str(moves[-1].payload.get("from")) if moves else ""
        state = _S(word) if word in set(_S) else state
    key = _PLACES.get(state) or (f"s-{card.stage}" if card.stage else "spec")
    if key not in keys:
        key = "gates" if state is _S.REVIEW else keys[min(1, len(keys) - 1)]
    return keys.index(key)


def _run(run: Run, now: int) -> RunFact:
    return RunFact(
        id=run.id, kind=run.kind.value, stage=run.stage, attempt=run.attempt, agent=run.agent,
        worker=run.worker, workspace=run.workspace, started_at=rfc3339(run.started_at),
        ended_at=rfc3339(run.ended_at) if run.ended_at else None,
        seconds=round(max(0, (run.ended_at or now) - run.started_at) / 1000, 1),
        outcome=run.outcome.value if run.outcome else None, detail=run.detail,
        tokens=_tokens(run.usage), cost_usd=run.usage.cost_usd,
    )  # fmt: skip


def _tokens(usage: Usage) -> int | None:
    if usage.total_tokens is not None:
        return usage.total_tokens
    parts = [one for one in (usage.input_tokens, usage.output_tokens) if one is not None]
    return sum(parts) if parts else None


def _stretches(card: Card, events: list[Event], now: int) -> list[Stretch]:
    found: list[Stretch] = []
    state, since = "", card.created_at
    for event in events:
        if event.kind is EventKind.CARD_ADDED:
            state, since = str(event.payload.get("state")), event.at
        elif event.kind is EventKind.CARD_MOVED and str(event.payload.get("to")) != state:
            found.append(Stretch(state=state, began=since, ended=event.at))
            state, since = str(event.payload.get("to")), event.at
    if state and card.state not in TERMINAL:
        found.append(Stretch(state=state, began=since, ended=max(now, since)))
    return found


def _doable(tx: Reading, card: Card, pipeline: Pipeline, agents: list[str]) -> Doable:
    state, open_ = card.state, card.state not in TERMINAL
    awaits = state is _S.REVIEW and card.reason == AWAITING
    decides = awaits or held_back(tx, card)
    waits = state is _S.NEEDS_HUMAN
    waits = waits or (state in (_S.REVIEW, _S.LANDING) and card.reason is not None)
    return Doable(
        approve=decides,
        reject=decides,
        retry=waits,
        release=state is _S.PLANNING,
        hold=open_ and state is not _S.PLANNING,
        cancel=state in (_S.RUNNING, _S.GATING, _S.REVIEW, _S.LANDING),
        drop=open_,
        comment=open_,
        edit=open_,
        split=state in (_S.PLANNING, _S.BACKLOG, _S.READY, _S.NEEDS_HUMAN),
        stages=[stage.name for stage in pipeline.work_stages],
        agents=agents,
    )


def _spend(usage: Usage, spent: int, budget: Budget) -> Spend:
    return Spend(
        tokens=_tokens(usage), cost_usd=usage.cost_usd, seconds=round(spent / 1000, 1),
        budget=budget,
    )  # fmt: skip
