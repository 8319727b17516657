"""The trace of a card: its launches, their steps, and the sessions and gates in each."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from sps.lib.span import span_id, trace_id
from sps.lib.times import rfc3339
from sps.model.card import Card
from sps.model.event import Event, EventKind


class Span(msgspec.Struct, kw_only=True):
    """One stretch of work, with those that it is made of, in the order of their beginning.
    `kind` is card, launch, step, run or gate; times are those of the first and the last event."""

    id: str
    parent: str | None
    kind: str
    name: str
    began_at: str
    ended_at: str
    spans: list[Span]


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """`id` is what TRACEPARENT carries; `root` is the card."""

    id: str
    root: Span


def trace(card: Card, events: Iterable[Event]) -> Trace:
    """Build the tree from the events of a card, oldest first. Every span hangs below the root."""
    tree = _Tree(card)
    for event in events:
        tree.take(event)
    return Trace(id=trace_id(card.id), root=tree.root)


class _Tree:
    """A tree that grows. A run that was taken over after a crash stays in the step that began
    it."""

    def __init__(self, card: Card) -> None:
        at = rfc3339(card.created_at)
        self.root = Span(
            id=span_id(card.id), parent=None, kind="card", name=f"{card.project}#{card.seq}",
            began_at=at, ended_at=at, spans=[],
        )  # fmt: skip
        self._known = {self.root.id: self.root}

    def take(self, event: Event) -> None:
        at, said = rfc3339(event.at), event.payload
        launch, step = said.get("launch"), said.get("step")
        way = [self.root]
        if launch:
            way.append(self._span(way[-1], span_id(launch), "launch", str(launch), at))
        if launch and step:
            way.append(self._span(way[-1], span_id(launch, step), "step", str(step), at))
        piece = said.get("span")
        if piece and piece != way[-1].id:
            gate = event.kind is EventKind.GATE_RAN
            name = said.get("name") if gate else event.run_id
            kind = "gate" if gate else "run"
            way.append(self._span(way[-1], str(piece), kind, str(name), at))
        for span in way:
            span.ended_at = max(span.ended_at, at)

    def _span(self, above: Span, name: str, kind: str, title: str, at: str) -> Span:
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = Span(
                id=name, parent=above.id, kind=kind, name=title, began_at=at, ended_at=at, spans=[]
            )
            above.spans.append(known)
        return known
