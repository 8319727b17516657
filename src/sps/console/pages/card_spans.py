"""A card's time as bars: waits, sessions and their tools, silences, gates, the landing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from urllib.parse import urlencode

from sps.console.render.lasting import lasting
from sps.console.render.waterfall import Bar
from sps.lib.terminal import clean
from sps.services.card_facts import CardFacts, RunFact
from sps.services.telling import EventView
from sps.services.trace import Span
from sps.services.why import Why

GAP_MS = 30_000  #: nothing for longer than this is said
_STATES = {
    "planning": ("Held in planning", "wait"), "backlog": ("Waited in the backlog", "wait"),
    "ready": ("Waited for a worker", "wait"), "review": ("Waited for a review", "wait"),
    "needs_human": ("Waited for a person", "wait"), "landing": ("Landing", "land"),
}  # fmt: skip
_OVER = ("completed", "failed")
_SESSION, _GATE, _SILENCE = "{stage}, attempt {n}: {agent}", "gate {name}", "Nothing was heard"
_PLAIN = {"launch": "launch {name}", "step": "step {name}", "run": "session {name}"}
Say = Callable[..., str]


def span_bars(facts: CardFacts, told: Why, path: str, say: Say, *, full: bool) -> list[Bar]:
    """Return the bars in the order of their beginning. `full`: with launches, steps and tools. Bars
    of sessions and tools lead to their turns. `say` names them in the visitor's language."""
    runs = {run.id: run for run in facts.runs}
    gates = _gates(told.timeline)
    found: list[Bar] = []

    def walk(span: Span, depth: int) -> None:
        shown = span.kind in ("run", "gate") or (full and span.kind != "card")
        if shown:
            level = depth if full else 0
            run = runs.get(span.name) if span.kind == "run" else None
            found.append(
                _session(run, span, path, level, say)
                if run
                else _gate(span, gates, path, level, say)
                if span.kind == "gate"
                else _plain(span, level, say)
            )
            if run is not None:
                found.extend(_inside(run, told.timeline, path, level + 1, say, full=full))
        for below in span.spans:
            walk(below, depth + 1)

    walk(told.trace.root, -1)
    return sorted([*found, *_states(facts, say)], key=lambda bar: (bar.began, bar.depth))


def _states(facts: CardFacts, say: Say) -> list[Bar]:
    return [
        Bar(
            label=say(_STATES[one.state][0]), kind=_STATES[one.state][1], began=one.began,
            ended=one.ended, said=lasting(one.ended - one.began),
        )
        for one in facts.stretches
        if one.state in _STATES and one.ended > one.began
    ]  # fmt: skip


def _session(run: RunFact, span: Span, path: str, depth: int, say: Say) -> Bar:
    began = _ms(span.began_at)
    ended = max(_ms(span.ended_at), _ms(run.ended_at) if run.ended_at else began)
    return Bar(
        label=say(_SESSION, stage=run.stage, n=run.attempt, agent=run.agent), kind="run",
        began=began, ended=ended, said=lasting(ended - began),
        bad=run.outcome not in (None, "ended"), depth=depth, to=f"{path}/run?run={run.id}",
    )  # fmt: skip


def _gate(span: Span, gates: dict[str, tuple[int, bool]], path: str, depth: int, say: Say) -> Bar:
    """Return a gate's bar: it is told only when it has ended, so it began as long before."""
    took, red = gates.get(span.id, (0, False))
    ended = _ms(span.ended_at)
    return Bar(
        label=say(_GATE, name=span.name), kind="gate", began=ended - took, ended=ended,
        said=lasting(took), bad=red, depth=depth, to=f"{path}/gates",
    )  # fmt: skip


def _plain(span: Span, depth: int, say: Say) -> Bar:
    began, ended = _ms(span.began_at), _ms(span.ended_at)
    return Bar(
        label=say(_PLAIN[span.kind], name=_own(span)), kind=span.kind, began=began, ended=ended,
        said=lasting(ended - began), depth=depth,
    )  # fmt: skip


def _own(span: Span) -> str:
    """Return what tells a launch or a step from the others: its number, or what it does."""
    if span.kind == "launch":
        return span.name.rpartition(":")[2]
    return span.name.partition("-")[2] or span.name


def _inside(
    run: RunFact, events: list[EventView], path: str, depth: int, say: Say, *, full: bool
) -> list[Bar]:
    """Return the silences of a session, and with `full` its tools."""
    mine = [event for event in events if event.run == run.id]
    tools = _tools(run, mine, path, depth)
    times = sorted({_ms(event.at) for event in mine})
    gaps = [
        Bar(
            label=say(_SILENCE), kind="gap", began=one, ended=other,
            said=lasting(other - one), depth=depth if full else 0, to=turn_at(path, run.id, one),
        )
        for one, other in pairwise(times)
        if other - one > GAP_MS and not any(t.began <= one and t.ended >= other for t in tools)
    ]  # fmt: skip
    return [*(tools if full else []), *gaps]


def _tools(run: RunFact, events: list[EventView], path: str, depth: int) -> list[Bar]:
    begun: dict[str, EventView] = {}
    found = []
    for event in events:
        if event.kind != "run.tool":
            continue
        call, status = str(event.payload.get("id")), str(event.payload.get("status"))
        first = begun.setdefault(call, event)
        if status in _OVER:
            began, ended = _ms(first.at), _ms(event.at)
            title = clean(str(first.payload.get("title") or event.payload.get("title") or "tool"))
            found.append(
                Bar(
                    label=title, kind="tool", began=began, ended=ended,
                    said=lasting(ended - began), bad=status == "failed", depth=depth,
                    to=turn_at(path, run.id, began, call),
                )
            )  # fmt: skip
    return found


def turn_at(path: str, run: str, at: int, call: str = "") -> str:
    """Return the address of what was said or done in a run at a time, or of a tool call then."""
    words = {"run": run, "time": str(at)} | ({"call": call} if call else {})
    return f"{path}/run/at?{urlencode(words)}"


def _gates(events: list[EventView]) -> dict[str, tuple[int, bool]]:
    """Return how long each gate took, by its span, and whether it said no."""
    return {
        str(event.payload.get("span")): (
            0 if event.payload.get("cached")
            else round(1000 * float(event.payload.get("seconds") or 0)),
            not event.payload.get("ok"),
        )
        for event in events
        if event.kind == "gate.ran"
    }  # fmt: skip


def _ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)
