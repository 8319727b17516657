"""What the pages of the console ask of a store again and again: bounded, and from an index."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sps.model.card import CardState, CardText
from sps.model.event import Event, EventKind
from sps.ports.store import Landing, RestQuery, Store
from tests.contract.store_suite import EACH, a_card, a_project, a_store, an_event, put

BLOCKED, REVIEW, LANDING = CardState.NEEDS_HUMAN, CardState.REVIEW, CardState.LANDING


@pytest.fixture(params=EACH)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    yield from a_store(str(request.param), tmp_path, request)


def resting(store: Store, query: RestQuery) -> list[tuple[str, int]]:
    return [(one.project, one.seq) for one in store.read(lambda tx: tx.resting(query))]


def test_what_has_stood_longest_comes_first_and_only_what_was_asked_for(store: Store) -> None:
    put(
        store,
        a_card(1, state=REVIEW, reason="asked", updated_at=900),
        a_card(2, state=BLOCKED, reason="budget", updated_at=500),
        a_card(3, state=REVIEW, updated_at=100),
        a_card(4, state=LANDING, reason="dirty", updated_at=700),
        a_card(5, state=CardState.READY, reason="asked", updated_at=1),
        a_card(1, project="blog", state=BLOCKED, updated_at=500),
    )
    every = RestQuery(states=(BLOCKED,), reasons=("asked", "dirty"))
    assert resting(store, every) == [("blog", 1), ("shop", 2), ("shop", 4), ("shop", 1)]
    assert resting(store, RestQuery(states=(BLOCKED,), limit=1)) == [("blog", 1)]
    assert resting(store, RestQuery(reasons=("asked",))) == [("shop", 1)]
    assert resting(store, RestQuery()) == []
    assert store.read(lambda tx: tx.resting_counts()) == {
        ("shop", REVIEW, "asked"): 1, ("shop", REVIEW, ""): 1, ("shop", BLOCKED, "budget"): 1,
        ("shop", LANDING, "dirty"): 1, ("blog", BLOCKED, ""): 1,
    }  # fmt: skip


def test_the_newest_gate_events_of_a_project_come_with_their_cards(store: Store) -> None:
    mine, other = a_card(7), a_card(1, project="blog")
    put(store, mine, other)

    def ran(number: int, card: object = mine) -> Event:
        payload = {"name": "tests", "ok": number % 2 == 0}
        return an_event(card, kind=EventKind.GATE_RAN, at=number, payload=payload)  # type: ignore[arg-type]

    def fill(tx: object) -> None:
        for number in range(5):
            tx.add_event(ran(number))  # type: ignore[attr-defined]
            tx.add_event(ran(100 + number, other))  # type: ignore[attr-defined]
            tx.add_event(an_event(mine))  # type: ignore[attr-defined]

    store.write(fill)
    found = store.read(lambda tx: tx.gates_ran("shop", 3))
    assert [(number, event.at, event.payload["ok"]) for number, event in found] == [
        (7, 2, True), (7, 3, False), (7, 4, True),
    ]  # fmt: skip
    assert store.read(lambda tx: tx.gates_ran("nowhere", 3)) == []


def test_cards_that_stand_still_without_a_reason_are_counted(store: Store) -> None:
    put(
        store,
        a_card(1, updated_at=10),
        a_card(2, updated_at=11),
        a_card(3, updated_at=5, reason="waits"),
        a_card(4, updated_at=5, state=CardState.BACKLOG),
        a_card(1, project="blog", updated_at=5, state=CardState.RUNNING),
    )
    states = (CardState.READY, CardState.RUNNING)
    assert store.read(lambda tx: tx.still(states, 10)) == 2


def test_cards_that_name_a_skill_are_found_by_it(store: Store) -> None:
    def text(*skills: str) -> CardText:
        return CardText(title="x", skills=skills)

    put(
        store,
        a_card(1, text=text("tdd", "api"), updated_at=5),
        a_card(2, text=text("td", 'a"tdd'), updated_at=9),
        a_card(3, text=text("tdd"), updated_at=7),
        a_card(4, text=text("tdd"), state=CardState.DONE, updated_at=8),
        a_card(1, project="blog", text=text("tdd"), updated_at=6),
    )
    ready = (CardState.READY,)
    found = store.read(lambda tx: tx.cards_with_skill("tdd", ready, 9))
    assert [(one.project, one.seq) for one in found] == [("shop", 3), ("blog", 1), ("shop", 1)]
    assert len(store.read(lambda tx: tx.cards_with_skill("tdd", ready, 2))) == 2


def test_landings_are_listed_from_a_time_on(store: Store) -> None:
    cards = [a_card(seq) for seq in (1, 2, 3)]
    put(store, *cards)
    for card, at in zip(cards, (30, 10, 20), strict=True):
        landing = Landing(card_id=card.id, generation=1, base="b", tip="p", tree="t", at=at)
        store.write(lambda tx, landing=landing: tx.save_landing(landing))  # type: ignore[misc]
    assert [one.at for one in store.read(lambda tx: tx.landings(20))] == [20, 30]
    assert len(store.read(lambda tx: tx.landings())) == 3


def test_a_project_without_cards_is_no_trouble(store: Store) -> None:
    store.write(lambda tx: tx.add_project(a_project()))
    assert store.read(lambda tx: (tx.resting(RestQuery(states=(BLOCKED,))), tx.landings())) == (
        [], [],
    )  # fmt: skip
