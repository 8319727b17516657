"""What a person said about gates, read from events: it counts for what it was said about only."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sps.flow.gate_word import gate_word
from sps.model.event import Event, EventKind
from sps.model.verdict import GateVerdict

NAMES = st.sampled_from(["a", "b", "c"])


def event(kind: EventKind, /, **payload: Any) -> Event:
    return Event(project="p", card_id="c", kind=kind, at=1, payload=payload)


def moved(verb: str, **more: Any) -> Event:
    return event(EventKind.CARD_MOVED, verb=verb, to="gating", **more)


def waived(gate: str, tree: str = "t", command: str = "run") -> Event:
    return event(EventKind.GATE_WAIVED, gate=gate, tree=tree, command=command, why="w", by="owner")


def verdict(name: str, **fields: Any) -> GateVerdict:
    return GateVerdict(**{"name": name, "tree": "t", "command": "run", "ok": False} | fields)


def test_a_waiver_is_of_one_gate_one_command_and_one_tree() -> None:
    word = gate_word([waived("a")])
    assert word.waived(verdict("a"))
    for other in (
        verdict("b"), verdict("a", tree="u"), verdict("a", command="x"), verdict("a", ok=True),
    ):  # fmt: skip
        assert not word.waived(other)


def test_a_gate_is_asked_again_until_it_has_run_and_not_after_the_card_went_on() -> None:
    asked = moved("regate", again=["a", "b"])
    cached = event(EventKind.GATE_RAN, name="a", cached=True)
    ran = event(EventKind.GATE_RAN, name="a", cached=False)
    assert gate_word([asked]).again == {"a", "b"}
    assert gate_word([asked, moved("park"), moved("resume"), cached]).again == {"a", "b"}
    assert gate_word([asked, ran]).again == {"b"}
    for verb in ("passed", "approved", "rework", "block"):
        assert gate_word([asked, moved(verb)]).again == frozenset()
    assert gate_word([asked, moved("regate", target="t")]).again == frozenset()


@given(st.lists(NAMES.map(waived) | st.lists(NAMES).map(lambda a: moved("regate", again=a))))
def test_nothing_is_waived_that_nobody_waived(events: list[Event]) -> None:
    word = gate_word(events)
    said = {e.payload["gate"] for e in events if e.kind is EventKind.GATE_WAIVED}
    assert {name for name in "abc" if word.waived(verdict(name))} == said
