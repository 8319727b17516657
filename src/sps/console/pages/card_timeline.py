"""Where a card's time went: waits, launches, steps, sessions and gates, as picture and table."""

from __future__ import annotations

from datetime import datetime

import msgspec
from markupsafe import Markup

from sps.console.answers import Answer, Document
from sps.console.pages import card_shell
from sps.console.pages.card_shell import lasting, moment
from sps.console.registry import Route, Surface
from sps.console.render.waterfall import Bar, waterfall
from sps.console.visit import Visit
from sps.model.access import Role
from sps.services.card_facts import CardFacts, Stretch
from sps.services.telling import EventView
from sps.services.trace import Span, Trace
from sps.services.why import Why, why

_WAITING = {
    "planning": "Held in planning", "backlog": "Waited in the backlog",
    "ready": "Waited for a worker", "review": "Waited for a review",
    "needs_human": "Waited for a person",
}  # fmt: skip
_GAP_MS = 30_000


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the table; the same as a bar of the picture."""

    label: str
    kind: str
    began: str
    took: str
    depth: int
    to: str
    gap: bool


class TimelineTab(msgspec.Struct, frozen=True, kw_only=True):
    """The picture, its table, and what happened, newest first."""

    picture: Markup
    lines: list[Line]
    events: list[EventView]
    whole: str
    trace: str
    full: bool


class TimelineDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A card's trace, what happened to it, and how long it stood in each state."""

    trace: Trace
    events: list[EventView]
    stretches: list[Stretch]


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`full=1` shows launches and steps as well."""

    full: bool = False


def timeline_page(visit: Visit) -> Answer:
    """Show where a card's time went."""
    cursor = card_shell.cursor(visit)
    shell = card_shell.shell(visit, "timeline", None)
    full: bool = visit.query.full
    bars: list[Bar] = []
    if shell.facts and shell.why:
        bars = _bars(shell.facts, shell.why, shell.path, full=full)
    span = max((b.ended for b in bars), default=0) - min((b.began for b in bars), default=0)
    tab = TimelineTab(
        picture=waterfall(bars, f"Where the time of card {shell.card.number} went"),
        lines=[_line(bar) for bar in bars],
        events=list(reversed(shell.why.timeline))[:200] if shell.why else [],
        whole=lasting(span),
        trace=shell.why.trace.id if shell.why else "",
        full=full,
    )
    return card_shell.page(visit, "timeline", tab, cursor=cursor)


def timeline_document(visit: Visit) -> Answer:
    """Give a card's trace and history."""
    from sps.services.card_facts import card_facts

    where = card_shell.where(visit)
    told, facts = why(visit.world, *where), card_facts(visit.world, *where)
    return Document(
        value=TimelineDocument(
            trace=told.trace, events=told.timeline, stretches=facts.stretches
        )
    )  # fmt: skip


def _bars(facts: CardFacts, told: Why, path: str, *, full: bool) -> list[Bar]:
    runs = {run.id: run for run in facts.runs}
    took = _gate_times(told.timeline)
    found: list[Bar] = []

    def walk(span: Span, depth: int) -> None:
        began, ended = _ms(span.began_at), _ms(span.ended_at)
        run = runs.get(span.name) if span.kind == "run" else None
        if span.kind in ("run", "gate") or (full and span.kind != "card"):
            label, bad = span.name, False
            if span.kind == "gate":
                label, began, bad = (
                    f"gate {span.name}",
                    ended - took.get(span.id, 0),
                    _red(told, span),
                )
            if run is not None:
                label = f"{run.stage}, attempt {run.attempt}: {run.agent}"
                bad = run.outcome not in (None, "ended")
                ended = max(ended, _ms(run.ended_at) if run.ended_at else began)
            found.append(
                Bar(
                    label=label, kind=span.kind,
                    began=began, ended=ended, said=lasting(ended - began), bad=bad,
                    depth=depth if full else 0, to=f"{path}/run?run={run.id}" if run else "",
                )
            )  # fmt: skip
        for below in span.spans:
            walk(below, depth + 1)

    walk(told.trace.root, -1)
    waits = [
        Bar(
            label=_WAITING[one.state], kind="wait", began=one.began, ended=one.ended,
            said=lasting(one.ended - one.began),
        )
        for one in facts.stretches
        if one.state in _WAITING and one.ended > one.began
    ]  # fmt: skip
    return sorted([*found, *waits], key=lambda bar: (bar.began, bar.depth))


def _gate_times(events: list[EventView]) -> dict[str, int]:
    """Return how long each gate took: it is told only when it has ended."""
    return {
        str(event.payload.get("span")): round(1000 * float(event.payload.get("seconds") or 0))
        for event in events
        if event.kind == "gate.ran" and not event.payload.get("cached")
    }


def _red(told: Why, span: Span) -> bool:
    return any(
        event.kind == "gate.ran" and event.payload.get("span") == span.id
        and not event.payload.get("ok")
        for event in told.timeline
    )  # fmt: skip


def _line(bar: Bar) -> Line:
    took = bar.ended - bar.began
    return Line(
        label=bar.label, kind=bar.kind, began=moment(bar.began), took=bar.said, depth=bar.depth,
        to=bar.to, gap=bar.kind == "wait" and took > _GAP_MS,
    )  # fmt: skip


def _ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


_P = "/p/{project}/c/{seq}/timeline"
_A = "/api/v1/projects/{project}/cards/{seq}/timeline"
ROUTES = (
    Route(verb="GET", path=_P, surface=Surface.PAGE, role=Role.VIEWER, handler=timeline_page,
          query=Wanted, says="Where a card's time went."),
    Route(verb="GET", path=_A, surface=Surface.API, role=Role.VIEWER, handler=timeline_document,
          answers=TimelineDocument, says="A card's trace and history."),
)  # fmt: skip
