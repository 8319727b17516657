"""Where a card's time went: waits, launches, steps, sessions and gates, as picture and table."""

from __future__ import annotations

import math
from functools import partial

import msgspec
from markupsafe import Markup

from sps.console.answers import Answer, Document
from sps.console.catalogue import say
from sps.console.pages import card_shell
from sps.console.pages.card_shell import moment
from sps.console.pages.card_spans import GAP_MS, span_bars
from sps.console.registry import Route, Surface
from sps.console.render.lasting import lasting
from sps.console.render.waterfall import Bar, overlaps, waterfall
from sps.console.visit import Visit
from sps.model.access import Role
from sps.services.card_facts import Stretch
from sps.services.telling import EventView
from sps.services.trace import Trace
from sps.services.why import why

_TITLE = "Where the time of card {number} went"
_LONG = 400 * 24 * 3600.0  #: seconds; no card takes longer


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the table; the same as a bar of the picture. `zoom`: the address that shows it
    alone."""

    label: str
    kind: str
    began: str
    took: str
    depth: int
    to: str
    gap: bool
    zoom: str


class TimelineTab(msgspec.Struct, frozen=True, kw_only=True):
    """The picture, its table, and what happened, newest first. `begin` and `end` are what is shown,
    in seconds from the first event; `whole` is all there is."""

    picture: Markup
    lines: list[Line]
    events: list[EventView]
    said: str
    trace: str
    full: bool
    zoomed: bool
    begin: float
    end: float
    whole: float


class TimelineDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A card's trace, what happened to it, and how long it stood in each state."""

    trace: Trace
    events: list[EventView]
    stretches: list[Stretch]


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`full=1` shows launches, steps and tools as well; `begin` and `end`, in seconds from the
    first event, show a stretch alone."""

    full: bool = False
    begin: float = 0.0
    end: float = 0.0


def timeline_page(visit: Visit) -> Answer:
    """Show where a card's time went."""
    cursor = card_shell.cursor(visit)
    shell = card_shell.shell(visit, "timeline", None)
    query: Wanted = visit.query
    speak = partial(say, visit.language)
    bars: list[Bar] = []
    if shell.facts and shell.why:
        bars = span_bars(shell.facts, shell.why, shell.path, speak, full=query.full)
    first, last = min((b.began for b in bars), default=0), max((b.ended for b in bars), default=0)
    window = _window(query, first, last)
    shown = [bar for bar in bars if window is None or overlaps(bar, window)]
    begin, end = window or (first, last)
    address = f"{shell.path}/timeline?{'full=1&' if query.full else ''}"
    tab = TimelineTab(
        picture=waterfall(bars, speak(_TITLE, number=shell.card.number), window),
        lines=[_line(bar, first, address) for bar in shown],
        events=list(reversed(shell.why.timeline))[:200] if shell.why else [],
        said=lasting(end - begin),
        trace=shell.why.trace.id if shell.why else "",
        full=query.full,
        zoomed=window is not None,
        begin=round((begin - first) / 1000, 1),
        end=math.ceil((end - first) / 100) / 10,
        whole=math.ceil((last - first) / 100) / 10,
    )
    return card_shell.page(visit, "timeline", tab, cursor=cursor)


def _window(query: Wanted, first: int, last: int) -> tuple[int, int] | None:
    """Return what to show, in milliseconds; None for all. What makes no stretch is all."""
    if not (math.isfinite(query.begin) and math.isfinite(query.end)):
        return None
    begin = first + round(1000 * min(max(query.begin, 0.0), _LONG))
    end = first + round(1000 * min(max(query.end, 0.0), _LONG))
    begin, end = max(begin, first), min(end, last)
    return (begin, end) if begin < end and (begin, end) != (first, last) else None


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


def _line(bar: Bar, first: int, address: str) -> Line:
    took = bar.ended - bar.began
    begin = max(0.0, (bar.began - first) / 1000 - 0.05 * took / 1000)
    end = (bar.ended - first) / 1000 + 0.05 * took / 1000
    return Line(
        label=bar.label, kind=bar.kind, began=moment(bar.began), took=bar.said, depth=bar.depth,
        to=bar.to, gap=bar.kind in ("wait", "gap") and took > GAP_MS,
        zoom=f"{address}begin={begin:.3f}&end={end:.3f}" if took > 0 else "",
    )  # fmt: skip


_P = "/p/{project}/c/{seq}/timeline"
_A = "/api/v1/projects/{project}/cards/{seq}/timeline"
ROUTES = (
    Route(verb="GET", path=_P, surface=Surface.PAGE, role=Role.VIEWER, handler=timeline_page,
          query=Wanted, says="Where a card's time went."),
    Route(verb="GET", path=_A, surface=Surface.API, role=Role.VIEWER, handler=timeline_document,
          answers=TimelineDocument, says="A card's trace and history."),
)  # fmt: skip
