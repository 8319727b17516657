"""A card's time as bars: long gaps are named, tools lead to their turns, a stretch is cut out."""

from __future__ import annotations

from functools import partial

from sps.console import catalogue
from sps.console.pages import card_spans, card_timeline
from sps.console.pages.card_timeline import Wanted, _window
from sps.console.render.waterfall import Bar, waterfall
from sps.lib.times import rfc3339
from sps.services.card_facts import RunFact
from sps.services.telling import EventView
from sps.services.trace import Span

ENGLISH = partial(catalogue.say, "en")
RUN = RunFact(
    id="r1", kind="work", stage="develop", attempt=1, agent="scripted", worker="w",
    workspace="/w", started_at=rfc3339(0), ended_at=rfc3339(200_000), seconds=200.0,
    outcome="ended", detail="", tokens=None, cost_usd=None,
)  # fmt: skip


def event(at: int, kind: str, **payload: object) -> EventView:
    return EventView(
        id=at + 1, at=rfc3339(at), project="p", card=1, kind=kind, level="info", says="", run="r1",
        payload=payload,
    )  # fmt: skip


def inside(*events: EventView, full: bool = True) -> list[tuple[str, str, int, int]]:
    bars = card_spans._inside(RUN, list(events), "/c", 0, ENGLISH, full=full)
    return [(bar.kind, bar.label, bar.began, bar.ended) for bar in bars]


def test_a_silence_is_named_and_a_long_tool_is_none() -> None:
    events = (
        event(0, "run.started"), event(1000, "run.tool", id="a", title="make", status="pending"),
        event(60_000, "run.tool", id="a", title="", status="failed"),
        event(100_000, "run.said", text="hm"), event(120_000, "run.ended"),
    )  # fmt: skip
    assert inside(*events) == [
        ("tool", "make", 1000, 60_000), ("gap", "Nothing was heard", 60_000, 100_000),
    ]  # fmt: skip
    assert inside(*events, full=False) == [("gap", "Nothing was heard", 60_000, 100_000)]


def test_a_tool_leads_to_its_turn() -> None:
    (bar,) = card_spans._inside(
        RUN,
        [event(5, "run.tool", id="a", title="x", status="pending"),
         event(9, "run.tool", id="a", title="x", status="completed")],
        "/c", 1, ENGLISH, full=True,
    )  # fmt: skip
    assert bar.to == "/c/run/at?run=r1&time=5&call=a"


def test_a_stretch_is_cut_out_and_what_makes_none_is_all() -> None:
    assert _window(Wanted(begin=2.0, end=4.0), 1000, 9000) == (3000, 5000)
    for wanted in (
        Wanted(), Wanted(begin=5.0, end=2.0), Wanted(begin=float("nan"), end=1.0),
        Wanted(begin=1e300, end=2e300), Wanted(begin=-5.0, end=1e9),
    ):  # fmt: skip
        assert _window(wanted, 1000, 9000) is None
    bars = [Bar(label=f"b{n}", kind="run", began=n * 1000, ended=n * 1000 + 900) for n in range(5)]
    shown = str(waterfall(bars, "times", (1500, 2500)))
    assert [f"b{n}" in shown for n in range(5)] == [False, True, True, False, False]


def test_every_bar_is_named_in_the_visitors_language() -> None:
    labels = [label for label, _ in card_spans._STATES.values()]
    labels += [card_spans._SESSION, card_spans._GATE, card_spans._SILENCE, card_timeline._TITLE]
    labels += card_spans._PLAIN.values()
    assert [one for one in labels if catalogue.say("zh", one) == one] == []
    chinese = partial(catalogue.say, "zh")
    span = Span(
        id="1", parent=None, kind="gate", name="tests", began_at=rfc3339(0), ended_at=rfc3339(5),
        spans=[],
    )  # fmt: skip
    session = card_spans._session(RUN, span, "/c", 0, chinese)
    assert session.label == "develop，第 1 次尝试：scripted"
    assert card_spans._gate(span, {}, "/c", 0, chinese).label == "门禁 tests"
