"""Everything about one card."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from sps.ports.store import EventQuery
from sps.services import checklist, lookup, telling
from sps.services.card_view import CardView, view
from sps.services.list_cards import look

if TYPE_CHECKING:
    from sps.model.card import Card, CardText
    from sps.model.event import Event
    from sps.model.verdict import GateVerdict, Verdict
    from sps.ports.store import FileStamp, Reading
    from sps.ports.world import World

RECENT = 20


class GateView(msgspec.Struct, frozen=True, kw_only=True):
    """The last verdict of one gate on the card's work."""

    name: str
    ok: bool
    command: str
    tree: str
    exit_code: int | None
    seconds: float
    tail: str


class VerdictView(msgspec.Struct, frozen=True, kw_only=True):
    """One review of the card's work."""

    by: str
    verdict: str
    tree: str
    comments: list[dict[str, Any]]


class CardDetail(CardView, frozen=True, kw_only=True):
    """A card with its text and its history. `events` are the newest, oldest first."""

    detail: str
    body: str
    agent: str | None
    hold: bool
    scope: tuple[str, ...]
    accept: tuple[str, ...]
    checklist: list[checklist.Item]
    file: str | None
    gates: list[GateView]
    verdicts: list[VerdictView]
    events: list[telling.EventView]


def show_card(world: World, project: str, seq: int) -> CardDetail:
    """Show a card; a file made by hand counts already. Raises `Misuse("unknown-card")`."""
    stamps = world.store.read(lambda tx: _stamps(tx, project))
    fresh = look(world, project, stamps).cards.get(seq)

    def question(tx: Reading) -> CardDetail:
        if tx.card_by_seq(project, seq) is None and fresh is not None:
            return _detail(world, fresh, fresh.text, (), [], [])
        card = lookup.card(tx, project, seq)
        text = fresh.text if fresh is not None else card.text
        shown = msgspec.structs.replace(card, text=text)
        events = tx.events(EventQuery(card_id=card.id))[-RECENT:]
        return _detail(
            world, shown, text, tuple(events), tx.gate_verdicts(card.id), tx.verdicts(card.id)
        )

    return world.store.read(question)


def _stamps(tx: Reading, project: str) -> dict[str, tuple[int, FileStamp]]:
    lookup.project(tx, project)
    return tx.file_stamps(project)


def card_log(world: World, project: str, seq: int) -> list[telling.EventView]:
    """Return all events of a card in words, oldest first."""

    def question(tx: Reading) -> list[telling.EventView]:
        card = lookup.card(tx, project, seq)
        events = tx.events(EventQuery(card_id=card.id))
        return [telling.view(event, seq) for event in events]

    return world.store.read(question)


def _detail(
    world: World,
    card: Card,
    text: CardText,
    events: tuple[Event, ...],
    gates: list[GateVerdict],
    verdicts: list[Verdict],
) -> CardDetail:
    shown = view(card)
    return CardDetail(
        **{name: getattr(shown, name) for name in CardView.__struct_fields__},
        detail=card.detail,
        body=text.body,
        agent=text.agent,
        hold=text.hold,
        scope=text.scope,
        accept=text.accept,
        checklist=checklist.items(text.body),
        file=world.card_files.find(card.project, card.seq),
        gates=[_gate(verdict) for verdict in {g.name: g for g in gates}.values()],
        verdicts=[_verdict(verdict) for verdict in verdicts],
        events=[telling.view(event, card.seq) for event in events],
    )


def _gate(verdict: GateVerdict) -> GateView:
    return GateView(
        name=verdict.name,
        ok=verdict.ok,
        command=verdict.command,
        tree=verdict.tree,
        exit_code=verdict.exit_code,
        seconds=verdict.seconds,
        tail=verdict.tail,
    )


def _verdict(verdict: Verdict) -> VerdictView:
    return VerdictView(
        by=verdict.by,
        verdict=verdict.decision.value,
        tree=verdict.tree,
        comments=msgspec.to_builtins(verdict.comments),
    )
