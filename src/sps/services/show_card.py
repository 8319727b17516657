"""Everything about one card."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sps.flow.admit import choice_of
from sps.model.errors import SpsError
from sps.model.pipeline import Pipeline
from sps.ports.store import EventQuery
from sps.services import checklist, judgement, lookup, telling
from sps.services.card_diff import CardDiff, card_diff
from sps.services.card_view import CardView, view
from sps.services.list_cards import look

if TYPE_CHECKING:
    from sps.model.card import Card
    from sps.model.event import Event
    from sps.model.verdict import GateVerdict, Verdict
    from sps.ports.store import Reading
    from sps.ports.world import World

RECENT = 20


class CardDetail(CardView, frozen=True, kw_only=True):
    """A card with its text and its history. `events` are the newest, oldest first; `findings`
    wait for a person; `diff` is there when it was asked for."""

    detail: str
    body: str
    agent: str | None
    model: str | None
    effort: str | None
    runs_with: str  #: agent, model and effort of its next session, whoever named them
    hold: bool
    scope: tuple[str, ...]
    accept: tuple[str, ...]
    checklist: list[checklist.Item]
    file: str | None
    findings: list[judgement.FindingView]
    gates: list[judgement.GateView]
    verdicts: list[judgement.VerdictView]
    events: list[telling.EventView]
    diff: CardDiff | msgspec.UnsetType = msgspec.UNSET


def show_card(world: World, project: str, seq: int, *, diff: bool = False) -> CardDetail:
    """Show a card; a file made by hand counts already. Raises `Misuse` with unknown-card, and with
    `diff` also no-change."""
    shown = _shown(world, project, seq)
    return with_diff(world, shown) if diff else shown


def with_diff(
    world: World, card: CardDetail, *, of: str = "", ignore_space: bool = False
) -> CardDetail:
    """Add a card's change, or the part of it that `of` names. Raises as `card_diff` does."""
    found = card_diff(world, card.project, card.seq, of=of, ignore_space=ignore_space)
    return msgspec.structs.replace(card, diff=found)


def _shown(world: World, project: str, seq: int) -> CardDetail:
    fresh = look(world, project, {seq}).cards.get(seq)
    pipeline = _pipeline(world, project)

    def question(tx: Reading) -> CardDetail:
        if tx.card_by_seq(project, seq) is None and fresh is not None:
            return _detail(world, fresh, _runs_with(tx, fresh, pipeline), (), [], [])
        card = lookup.card(tx, project, seq)
        shown = card if fresh is None else msgspec.structs.replace(card, text=fresh.text)
        events = tx.events(EventQuery(card_id=card.id))
        return _detail(
            world, shown, _runs_with(tx, shown, pipeline), tuple(events),
            tx.gate_verdicts(card.id), tx.verdicts(card.id),
        )  # fmt: skip

    return world.store.read(question)


def card_log(world: World, project: str, seq: int) -> list[telling.EventView]:
    """Return all events of a card in words, oldest first."""

    def question(tx: Reading) -> list[telling.EventView]:
        card = lookup.card(tx, project, seq)
        events = tx.events(EventQuery(card_id=card.id))
        return [telling.view(event, seq) for event in events]

    return world.store.read(question)


def _pipeline(world: World, project: str) -> Pipeline | None:
    try:
        return world.pipeline_files.load(project)
    except SpsError:
        return None  # what is wrong with it is said elsewhere


def _runs_with(tx: Reading, card: Card, pipeline: Pipeline | None) -> str:
    return "" if pipeline is None else choice_of(tx, card, pipeline).words()


def _detail(
    world: World,
    card: Card,
    runs_with: str,
    events: tuple[Event, ...],
    gates: list[GateVerdict],
    verdicts: list[Verdict],
) -> CardDetail:
    shown, text = view(card), card.text
    return CardDetail(
        **{name: getattr(shown, name) for name in CardView.__struct_fields__},
        detail=card.detail,
        body=text.body,
        agent=text.agent,
        model=text.model,
        effort=text.effort,
        runs_with=runs_with,
        hold=text.hold,
        scope=text.scope,
        accept=text.accept,
        checklist=checklist.items(text.body),
        file=world.card_files.find(card.project, card.seq),
        findings=judgement.findings(events),
        gates=judgement.gates(gates),
        verdicts=judgement.reviews(verdicts, events),
        events=[telling.view(event, card.seq) for event in events[-RECENT:]],
    )
