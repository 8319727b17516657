"""Finding the cards of a board's column, whatever stands behind the store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sps.model.card import CardState, CardText
from sps.model.event import EventKind
from sps.ports.store import CardSearch, Store
from sps.services.card_filter import CardFilter, small
from tests.contract.store_suite import EACH, a_card, a_project, a_store, an_event, put

ALL = tuple(CardState)
_STANDING = (
    (CardState.READY, "work"),
    (CardState.READY, "test"),
    (CardState.RUNNING, "work"),
    (CardState.RUNNING, "test"),
    (CardState.REVIEW, "work"),
    (CardState.REVIEW, "test"),
)
_TEXTS = st.text(alphabet="abAB7ÄäİßK %_'\"#", max_size=6)


@pytest.fixture(params=EACH)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    for opened in a_store(str(request.param), tmp_path, request):
        opened.write(lambda tx: tx.add_project(a_project()))
        yield opened


def _add(store: Store, seq: int, title: str, *labels: str) -> None:
    put(store, a_card(seq, text=CardText(title=title, labels=labels)))


def _found(store: Store, **search: object) -> list[int]:
    wanted = CardSearch(project="shop", **{"states": ALL, **search})  # type: ignore[arg-type]
    return [card.seq for card in store.read(lambda tx: tx.found(wanted))]


def _counts(store: Store, **search: object) -> dict[str, int]:
    wanted = CardSearch(project="shop", **search)  # type: ignore[arg-type]
    return store.read(lambda tx: tx.found_counts(wanted))


def test_window_goes_up_or_down_from_a_number_and_ends_at_its_limit(store: Store) -> None:
    for seq in range(1, 8):
        _add(store, seq, f"card {seq}")
    assert _found(store, limit=3) == [1, 2, 3]
    assert _found(store, limit=3, start=4) == [4, 5, 6]
    assert _found(store, limit=3, newest=True) == [7, 6, 5]
    assert _found(store, limit=3, newest=True, start=4) == [4, 3, 2]
    assert _found(store, states=(CardState.DONE,)) == []


def test_words_and_labels_all_have_to_be_there(store: Store) -> None:
    _add(store, 1, "Mend the LOGIN page", "UI", "bug")
    _add(store, 2, "Mend the door", "bug")
    _add(store, 31, "Paint it")
    assert _found(store, words=("mend", "login")) == [1]
    assert _found(store, words=("mend",), labels=("bug",)) == [1, 2]
    assert _found(store, labels=("ui", "bug")) == [1]
    assert _found(store, words=("31",)) == [31]
    assert _found(store, words=("3",)) == []
    counts = store.read(
        lambda tx: tx.found_counts(CardSearch(project="shop", states=ALL, words=("mend",)))
    )
    assert sum(counts.values()) == 2


def test_a_column_of_stages_holds_them_and_the_other_columns_do_not(store: Store) -> None:
    for seq, (state, stage) in enumerate(_STANDING, start=1):
        put(store, a_card(seq, state=state, stage=stage))
    running, review = CardState.RUNNING, CardState.REVIEW
    own = {"states": (CardState.READY, running), "within": ("running/test",)}
    rest = {"states": (running, review), "without": ("running/test", "review/test")}
    for newest in (False, True):
        assert set(_found(store, newest=newest, **own)) == {1, 2, 4}
        assert set(_found(store, newest=newest, **rest)) == {3, 5}
    assert _counts(store, **own) == {"ready": 2, "running": 1}
    assert _counts(store, **rest) == {"running": 1, "review": 1}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=_TEXTS, label=_TEXTS, word=_TEXTS, wanted=_TEXTS)
def test_store_finds_exactly_what_the_filter_passes(
    store: Store, title: str, label: str, word: str, wanted: str
) -> None:
    seq = store.read(lambda tx: sum(tx.counts()["shop"].values())) + 1
    _add(store, seq, title, label)
    words = (small(word),) if word else ()
    labels = (small(wanted),) if wanted else ()
    card = store.read(lambda tx: tx.card_by_seq("shop", seq))
    assert card is not None
    passes = CardFilter(words=words, labels=labels).fits(card)
    assert (seq in _found(store, words=words, labels=labels, limit=1000)) is passes


def test_newest_event_of_a_card_is_its_last(store: Store) -> None:
    _add(store, 1, "one")
    card = store.read(lambda tx: tx.card_by_seq("shop", 1))
    assert card is not None
    store.write(lambda tx: tx.add_event(an_event(card)))
    newest = store.read(lambda tx: tx.newest_event(card.id))
    assert newest is not None
    assert newest.kind is EventKind.CARD_COMMENTED
    assert store.read(lambda tx: tx.newest_event("nobody")) is None
    assert store.read(lambda tx: tx.newest_events(card.id, 1)) == [newest]
    both = store.read(lambda tx: tx.newest_events(card.id, 5))
    assert [event.seq for event in both] == [2, 1]
