"""What every store promises, whatever stands behind it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sps.model.card import Card, CardState, CardText, Landed
from sps.model.errors import Misuse, SpsError, Stale
from sps.model.event import Event, EventKind, fold
from sps.model.run import Outcome, Usage
from sps.model.transitions import Verb, move
from sps.model.verdict import Comment, Decision, GateVerdict, Verdict
from sps.ports.store import (
    Breaker,
    CardQuery,
    EventQuery,
    FileError,
    FileStamp,
    Landing,
    Message,
    Store,
)
from tests.contract.store_suite import (
    EACH,
    a_card,
    a_project,
    a_run,
    a_store,
    added,
    an_event,
    get,
    put,
    seqs,
)

DAY = 24 * 60 * 60 * 1000


@pytest.fixture(params=EACH)
def adapter(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def store(adapter: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Store]:
    yield from a_store(adapter, tmp_path, request)


# --- projects ---


def test_project_round_trips_and_its_name_is_taken_once(store: Store) -> None:
    project = a_project(halted="dirty", halt_detail="checkout is dirty")
    store.write(lambda w: w.add_project(project))
    with pytest.raises(Misuse) as caught:
        store.write(lambda w: w.add_project(a_project(id="other")))
    assert caught.value.code == "project-exists"
    assert store.read(lambda r: (r.project("shop"), r.projects())) == (project, [project])


def test_saving_a_project_keeps_its_numbering(store: Store) -> None:
    put(store, a_card(7))
    store.write(lambda w: w.save_project(a_project(branch="trunk")))
    assert store.write(lambda w: w.next_seq("shop", 0)) == 8
    with pytest.raises(Misuse):
        store.write(lambda w: w.save_project(a_project("nowhere")))


def test_removing_a_project_takes_all_its_rows_and_no_others(store: Store) -> None:
    mine, other = a_card(1), a_card(1, project="blog")
    put(store, mine, other, a_card(2, text=CardText(title="child", after=(1,))))

    def fill(w: Any) -> None:
        for card in (mine, other):
            w.start_run(a_run(card, f"run-{card.id}"))
            w.save_landing(_landing(card, state="done", commit="c0"))
            w.save_verdict(card.id, Verdict(decision=Decision.APPROVE), 1)
            w.save_gate_verdict(card.id, f"key-{card.id}", _gate(), 1)
            w.save_step(card.workflow_id, "plan", "{}", 1)
            w.post(Message(kind="start", key=card.workflow_id), 1)
            w.post(Message(kind="message", key=f"run-{card.id}"), 1)
            w.post(Message(kind="message", key=card.id), 1)
            w.set_file(card.project, 1, FileStamp(name="1.md", mtime_ns=1, size=1))

    store.write(fill)
    store.write(lambda w: w.remove_project("shop"))

    def left(r: Any) -> list[object]:
        return [
            [card.id for card in r.cards(CardQuery())],
            {event.project for event in r.events(EventQuery())},
            [run.project for run in r.runs()],
            [landing.card_id for landing in r.landings()],
            r.gate_verdict("key-shop-1"),
            r.step(mine.workflow_id, "plan"),
            [message.key for message in r.outbox()],
            r.file_stamps("shop"),
        ]

    expected = [["blog-1"], {"blog"}, ["blog"], ["blog-1"], None, None]
    assert store.read(left) == [*expected, ["blog-1:0", "run-blog-1", "blog-1"], {}]
    assert store.check() == []


# --- cards ---


def test_duplicate_number_is_refused_and_leaves_the_first_card(store: Store) -> None:
    put(store, a_card(1))
    with pytest.raises(Misuse) as caught:
        put(store, a_card(1, text=CardText(title="second")))
    assert caught.value.code == "duplicate-number"
    assert get(store, a_card(1)).text.title == "card 1"


def test_numbers_are_never_given_twice(store: Store) -> None:
    put(store, a_card(5))

    def give(w: Any) -> list[int]:
        return [w.next_seq("shop", 0), w.next_seq("shop", 20), w.next_seq("shop", 3)]

    assert store.write(give) == [6, 21, 22]
    with pytest.raises(Misuse):
        store.write(lambda w: w.next_seq("nowhere", 0))


def test_pages_of_cards_neither_skip_nor_repeat(store: Store) -> None:
    put(store, *[a_card(n, state=list(CardState)[n % 3]) for n in range(1, 31)])
    found: list[int] = []
    for _ in range(5):
        query = CardQuery(project="shop", after_seq=max(found, default=0), limit=7)
        found += seqs(store, lambda r, query=query: r.cards(query))
    assert found == list(range(1, 31))
    wanted = (CardState.PLANNING, CardState.READY)
    query = CardQuery(project="shop", states=wanted, after_seq=3, limit=5)
    assert seqs(store, lambda r: r.cards(query)) == [5, 6, 8, 9, 11]


def test_cards_of_all_projects_come_by_number(store: Store) -> None:
    put(
        store, a_card(2), a_card(1, project="blog"), a_card(3, project="blog", state=CardState.DONE)
    )
    assert seqs(store, lambda r: r.cards(CardQuery())) == [1, 2, 3]
    assert seqs(store, lambda r: r.cards(CardQuery(limit=2))) == [1, 2]
    ready = CardQuery(states=(CardState.READY,))
    assert seqs(store, lambda r: r.cards(ready)) == [1, 2]


def test_counts_name_every_project(store: Store) -> None:
    put(store, a_card(1), a_card(2), a_card(3, state=CardState.DONE))
    store.write(lambda w: w.add_project(a_project("empty")))
    assert store.read(lambda r: r.counts()) == {"shop": {"ready": 2, "done": 1}, "empty": {}}


def test_startable_is_ordered_by_priority_then_age_and_leaves_out_who_must_wait(
    store: Store,
) -> None:
    put(
        store,
        a_card(1),
        a_card(2, text=CardText(title="urgent", priority=5)),
        a_card(3, not_before=900),
        a_card(4, not_before=901),
        a_card(5, state=CardState.BACKLOG),
        a_card(6, project="halted"),
    )
    store.write(lambda w: w.save_project(a_project("halted", halted="dirty")))
    assert seqs(store, lambda r: r.startable(900, 10)) == [2, 1, 3]
    assert seqs(store, lambda r: r.startable(900, 2)) == [2, 1]
    assert seqs(store, lambda r: r.startable_of("shop", 900, 10)) == [2, 1, 3]
    assert seqs(store, lambda r: r.startable_of("shop", 900, 1)) == [2]
    assert seqs(store, lambda r: r.startable_of("another", 900, 10)) == []
    assert store.read(lambda r: [r.next_not_before(0), r.next_not_before(900)]) == [900, 901]
    assert store.read(lambda r: r.next_not_before(901)) is None


def test_cards_that_were_parked_at_a_time_to_come_are_found(store: Store) -> None:
    put(
        store,
        a_card(1, not_before=900, updated_at=800),
        a_card(2, not_before=900, updated_at=100),
        a_card(3, not_before=200, updated_at=800),
        a_card(4, not_before=900, updated_at=800, state=CardState.BACKLOG),
    )
    assert seqs(store, lambda r: r.parked_ahead(200, 799)) == [1]
    assert seqs(store, lambda r: r.parked_ahead(200, 800)) == []


def test_children_follow_the_text_and_leave_out_the_terminal(store: Store) -> None:
    child = a_card(2, text=CardText(title="child", after=(1, 1)))
    gone = a_card(3, state=CardState.DROPPED, text=CardText(title="gone", after=(1,)))
    put(store, a_card(1), child, gone)
    assert seqs(store, lambda r: r.children("shop", 1)) == [2]
    assert get(store, child).text.after == (1, 1)
    after = msgspec.structs.replace(child, text=CardText(title="child", after=(9,)))
    store.write(lambda w: w.save_text(child, after, _edited(child)))
    assert seqs(store, lambda r: r.children("shop", 1)) == []
    assert seqs(store, lambda r: r.children("shop", 9)) == [2]


def test_a_move_is_stored_with_its_event(store: Store) -> None:
    card = a_card()
    put(store, card)
    started = move(card, Verb.START, at=4000, generation=1, stage="develop", attempt=1)
    assert store.write(lambda w: w.save(started, generation=0)) == started.after
    assert get(store, card) == started.after
    events = store.read(lambda r: r.events(EventQuery(card_id=card.id)))
    standing = fold(events)
    assert standing is not None
    assert (standing.state, standing.attempt, len(events)) == ("running", 1, 2)


def test_a_write_on_an_old_version_is_stale_and_changes_nothing(store: Store) -> None:
    card = a_card()
    put(store, card)
    store.write(lambda w: w.save(move(card, Verb.START, at=4000)))
    with pytest.raises(Stale):
        store.write(lambda w: w.save(move(card, Verb.DROP, at=5000)))
    with pytest.raises(Stale):
        store.write(lambda w: w.save_text(card, card, _edited(card)))
    assert get(store, card).state is CardState.RUNNING
    assert len(store.read(lambda r: r.events(EventQuery()))) == 2


def test_a_late_result_of_an_older_generation_is_stale(store: Store) -> None:
    card = a_card()
    put(store, card)
    launched = store.write(lambda w: w.save(move(card, Verb.START, at=4000, generation=2)))
    with pytest.raises(Stale):
        store.write(lambda w: w.save(move(launched, Verb.WORKED, at=5000), generation=1))
    assert get(store, card) == launched


def test_text_is_changed_without_the_state(store: Store) -> None:
    card = a_card()
    put(store, card)
    after = msgspec.structs.replace(card, text=CardText(title="better", hold=True), setbacks=2)
    saved = store.write(lambda w: w.save_text(card, after, _edited(card)))
    assert saved == get(store, card)
    assert (saved.version, saved.text.title, saved.setbacks) == (1, "better", 2)
    smuggled = msgspec.structs.replace(saved, state=CardState.DONE)
    with pytest.raises(SpsError):
        store.write(lambda w: w.save_text(saved, smuggled, _edited(saved)))


@pytest.mark.parametrize("state", [CardState.DONE, CardState.DROPPED])
def test_terminal_is_terminal_even_for_a_forged_move(store: Store, state: CardState) -> None:
    card = a_card(state=CardState.LANDING)
    put(store, card)
    proof = Landed("c1", "t1") if state is CardState.DONE else None
    verb = Verb.LANDED if proof else Verb.DROP
    done = store.write(lambda w: w.save(move(card, verb, at=4000, landed=proof)))
    forged = move(msgspec.structs.replace(done, state=CardState.READY), Verb.START, at=5000)
    with pytest.raises(SpsError):
        store.write(lambda w: w.save(msgspec.structs.replace(forged, before=done)))
    other = msgspec.structs.replace(done, landed=Landed("c2", "t2"))
    with pytest.raises(SpsError):
        store.write(lambda w: w.save_text(done, other, _edited(done)))
    assert get(store, card) == done


_TEXT = st.text(max_size=40)
_INTEGER = st.integers(-(2**63), 2**63 - 1)
_COUNT = st.integers(0, 2**62)
_WORDS = st.lists(_TEXT, max_size=4).map(tuple)
_MAYBE = st.none() | _TEXT
_TEXTS = st.builds(
    CardText,
    title=_TEXT,
    body=_TEXT,
    skills=_WORDS,
    labels=_WORDS,
    after=st.lists(_INTEGER, max_size=4).map(tuple),
    priority=_INTEGER,
    scope=_WORDS,
    accept=_WORDS,
    hold=st.booleans(),
    agent=_MAYBE,
)
_CARDS = st.builds(
    Card,
    project=st.just("shop"),
    seq=st.integers(1, 2**62),
    id=st.just("any"),
    text=_TEXTS,
    state=st.sampled_from(CardState),
    stage=_TEXT,
    attempt=_COUNT,
    reason=_MAYBE,
    detail=_TEXT,
    landed=st.none() | st.builds(Landed, _TEXT, _TEXT),
    created_at=_INTEGER,
    updated_at=_INTEGER,
    generation=_COUNT,
    worker=_MAYBE,
    not_before=_INTEGER,
    setbacks=_COUNT,
    base=_MAYBE,
    tip=_MAYBE,
    tree=_MAYBE,
    tree_base=_MAYBE,
    approved=_MAYBE,
    waived=_MAYBE,
    version=_COUNT,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(card=_CARDS, text=_TEXTS)
def test_any_card_comes_back_as_it_was(store: Store, card: Card, text: CardText) -> None:
    class Undo(Exception):
        pass

    def change(w: Any) -> None:
        w.add_project(a_project())
        w.add_card(card, added(card))
        assert w.card("any") == card
        assert w.card_by_seq("shop", card.seq) == card
        edited = msgspec.structs.replace(card, text=text, version=card.version + 1)
        assert w.save_text(card, edited, _edited(card)) == edited
        assert w.card("any") == edited
        raise Undo

    with pytest.raises(Undo):
        store.write(change)


@pytest.mark.parametrize("value", ["half \ud800 a character"])
def test_text_that_cannot_be_stored_is_said_so(store: Store, value: str) -> None:
    with pytest.raises(Misuse) as caught:
        put(store, a_card(text=CardText(title=value)))
    assert caught.value.code == "unstorable-value"
    assert store.read(lambda r: r.projects()) == []


# --- events ---


def test_events_round_trip_and_are_read_from_a_bookmark(store: Store) -> None:
    card, other = a_card(1), a_card(1, project="blog")
    put(store, card, other)
    payload = {"a": [1, 2.5, None, {"ü": "\n\x00"}], "b": True}
    event = store.write(lambda w: w.add_event(an_event(card, payload=payload, run_id="r")))
    assert event.seq == 2
    halted = Event(project="shop", kind=EventKind.PROJECT_HALTED, at=1)
    assert store.write(lambda w: w.add_event(halted)).seq == 0
    assert store.read(lambda r: r.events(EventQuery(card_id=card.id, after_id=2))) == [event]
    of_shop = store.read(lambda r: r.events(EventQuery(project="shop")))
    assert [e.kind.value for e in of_shop] == ["card.added", "card.commented", "project.halted"]
    everything = store.read(lambda r: r.events(EventQuery(limit=3)))
    assert [e.id for e in everything] == sorted(e.id for e in everything)
    assert len(everything) == 3
    assert store.read(lambda r: r.events(EventQuery(project="blog", card_id=card.id))) == []


def test_an_event_for_a_card_that_is_not_there_is_refused(store: Store) -> None:
    put(store, a_card(1))
    with pytest.raises(SpsError):
        store.write(lambda w: w.add_event(an_event(a_card(99))))


# --- runs ---


def test_a_second_live_run_of_a_card_is_refused(store: Store) -> None:
    card = a_card()
    put(store, card)
    store.write(lambda w: w.start_run(a_run(card)))
    with pytest.raises(Stale):
        store.write(lambda w: w.start_run(a_run(card, "run-2", attempt=2)))
    assert store.write(lambda w: w.end_run("run-1", Outcome.FAILED, "no", 6000))
    with pytest.raises(Stale):
        store.write(lambda w: w.start_run(a_run(card, "run-2")))
    store.write(lambda w: w.start_run(a_run(card, "run-2", attempt=2, started_at=7000)))
    assert [run.id for run in store.read(lambda r: r.runs(card_id=card.id))] == ["run-1", "run-2"]
    assert [run.id for run in store.read(lambda r: r.runs(live=True))] == ["run-2"]
    assert store.read(lambda r: r.attempts(card.id, "develop")) == 2
    assert store.read(lambda r: r.attempts(card.id, "review")) == 0


def test_a_run_ends_once(store: Store) -> None:
    card = a_card()
    put(store, card)
    store.write(lambda w: w.start_run(a_run(card)))
    store.write(lambda w: w.set_run_process("run-1", 42, 4711))
    store.write(lambda w: w.set_run_session("run-1", "s"))
    assert store.write(lambda w: w.end_run("run-1", Outcome.ENDED, "fine", 9000))
    assert not store.write(lambda w: w.end_run("run-1", Outcome.CRASHED, "late", 9999))
    known = store.read(lambda r: r.run("run-1"))
    facts = {"pid": 42, "pid_started": 4711, "session_id": "s", "outcome": Outcome.ENDED}
    assert known == a_run(card, **facts, ended_at=9000, detail="fine")
    with pytest.raises(Stale):
        store.write(lambda w: w.set_run_process("run-9", 1, 1))


def test_spend_is_the_sum_of_newest_totals_and_nothing_where_nothing_was_said(
    store: Store,
) -> None:
    card = a_card()
    put(store, card)
    assert store.read(lambda r: r.spent(card.id)) == (Usage(), 0)

    def change(w: Any) -> None:
        w.start_run(a_run(card))
        w.add_usage("run-1", Usage(input_tokens=900))
        w.add_usage("run-1", Usage(input_tokens=10, cost_usd=0.5))
        w.end_run("run-1", Outcome.ENDED, "", 5300)
        w.start_run(a_run(card, "run-2", attempt=2, started_at=6000))
        w.add_usage("run-2", Usage(input_tokens=5, output_tokens=1))

    store.write(change)
    total = Usage(input_tokens=15, output_tokens=1, cost_usd=0.5)
    assert store.read(lambda r: r.spent(card.id)) == (total, 300)
    assert store.read(lambda r: r.spent_since(0)) == {card.project: total}
    later = Usage(input_tokens=5, output_tokens=1)
    assert store.read(lambda r: r.spent_since(6000)) == {card.project: later}
    assert store.read(lambda r: r.spent_since(6001)) == {}


def test_what_several_cards_cost_is_asked_at_once(store: Store) -> None:
    cards = [a_card(seq) for seq in (1, 2, 3)]
    put(store, *cards)

    def change(w: Any) -> None:
        for number, card in enumerate((cards[0], cards[0], cards[1])):
            w.start_run(a_run(card, f"run-{number}", attempt=number + 1))
            w.add_usage(f"run-{number}", Usage(total_tokens=10 + number, cost_usd=0.5))
            w.end_run(f"run-{number}", Outcome.ENDED, "", 5300)

    store.write(change)
    first = Usage(total_tokens=21, cost_usd=1.0)
    asked = [cards[0].id, cards[2].id]
    assert store.read(lambda r: r.spent_by(asked)) == {cards[0].id: first}
    assert store.read(lambda r: r.spent_by([])) == {}


# --- verdicts and landings ---


def test_gates_of_several_cards_are_those_of_the_tree_judged_last(store: Store) -> None:
    cards = [a_card(seq) for seq in (1, 2, 3)]
    put(store, *cards)
    verdicts = (
        (0, _gate(name="old", tree="before")), (0, _gate(name="lint")),
        (0, _gate(ok=False, exit_code=1)), (0, _gate()), (1, _gate(ok=False, exit_code=1)),
    )  # fmt: skip
    for number, (card, verdict) in enumerate(verdicts):
        store.write(
            lambda w, n=number, c=card, v=verdict: w.save_gate_verdict(cards[c].id, f"k{n}", v, n)
        )
    asked = [card.id for card in cards]
    assert store.read(lambda r: r.gates_by(asked)) == {
        cards[0].id: {"lint": True, "tests": True}, cards[1].id: {"tests": False},
    }  # fmt: skip
    assert store.read(lambda r: r.gates_by(asked[2:])) == {}


def test_the_newest_gate_verdict_answers(store: Store) -> None:
    card = a_card()
    put(store, card)
    bad, good = _gate(ok=False, exit_code=1), _gate(seconds=1.5, tail="ok\n")
    store.write(lambda w: w.save_gate_verdict(card.id, "k", bad, 1))
    store.write(lambda w: w.save_gate_verdict(None, "k", good, 2))
    assert store.read(lambda r: r.gate_verdict("k")) == good
    assert store.read(lambda r: r.gate_verdicts(card.id)) == [bad]


def test_review_verdicts_are_kept_in_order(store: Store) -> None:
    card = a_card()
    put(store, card)
    remarks = (Comment(path="a.py", line=3, text="why?"), Comment(text="ä"))
    first = Verdict(decision=Decision.CHANGES, comments=remarks, by="bot", tree="t", tip="p")
    second = Verdict(decision=Decision.APPROVE)
    for verdict in (first, second):
        store.write(lambda w, verdict=verdict: w.save_verdict(card.id, verdict, 1))
    assert store.read(lambda r: r.verdicts(card.id)) == [first, second]


def test_a_card_lands_once_and_a_done_landing_never_changes(store: Store) -> None:
    card = a_card()
    put(store, card)
    intent = _landing(card)
    done = msgspec.structs.replace(intent, state="done", commit="c1")
    store.write(lambda w: w.save_landing(intent))
    with pytest.raises(Stale):
        store.write(lambda w: w.save_landing(msgspec.structs.replace(intent, generation=0)))
    for _ in range(2):
        store.write(lambda w: w.save_landing(done))
    with pytest.raises(Stale):
        store.write(lambda w: w.save_landing(msgspec.structs.replace(done, commit="c2")))
    assert store.read(lambda r: (r.landing(card.id), r.landings())) == (done, [done])


# --- outbox, files, breakers, steps, idempotency ---


def test_an_undelivered_message_is_one_row(store: Store) -> None:
    start = Message(kind="start", key="c:1")
    for at in (1, 2):
        store.write(lambda w, at=at: w.post(start, at))
    store.write(lambda w: w.post(Message(kind="cancel", key="c:1", payload="x"), 3))
    waiting = store.read(lambda r: r.outbox())
    assert [(m.kind, m.key, m.created_at) for m in waiting] == [
        ("start", "c:1", 1),
        ("cancel", "c:1", 3),
    ]
    store.write(lambda w: w.delivered(waiting[0].id, 4))
    assert store.read(lambda r: r.outbox(kind="start")) == []
    store.write(lambda w: w.post(start, 5))
    (again,) = store.read(lambda r: r.outbox(kind="start", key="c:1"))
    assert again.id > waiting[1].id


def test_words_to_an_agent_are_never_swallowed(store: Store) -> None:
    for at, words in enumerate(("stop", "stop", "go on", "go on", "on")):
        message = Message(kind="message", key="run-1", payload=words)
        store.write(lambda w, message=message, at=at: w.post(message, at))
    assert [m.payload for m in store.read(lambda r: r.outbox())] == ["stop\n\ngo on\n\non"]
    notes = [Message(kind="notify", key="k", payload=text) for text in ("old", "new")]
    for note in notes:
        store.write(lambda w, note=note: w.post(note, 9))
    assert [m.payload for m in store.read(lambda r: r.outbox(kind="notify"))] == ["new"]


def test_files_and_their_errors_are_remembered(store: Store) -> None:
    put(store, a_card())
    old = FileStamp(name="1.md", mtime_ns=2**60, size=5)
    new = msgspec.structs.replace(old, digest="d")
    error = FileError(file="2.md", line=3, column=4, code="bad-yaml", message="no", seq=0)

    def change(w: Any) -> None:
        w.set_file("shop", 1, old)
        w.set_file("shop", 1, new)
        w.set_file("shop", 0, FileStamp(name="2.md", mtime_ns=1, size=1))
        w.forget_file("shop", "2.md")
        w.set_file_error("shop", error)

    store.write(change)
    assert store.read(lambda r: r.file_stamps("shop")) == {"1.md": (1, new)}
    assert store.read(lambda r: r.file_stamps("shop", ["1.md", "9.md"])) == {"1.md": (1, new)}
    assert store.read(lambda r: r.file_stamps("shop", [])) == {}
    assert store.read(lambda r: r.file_numbers("shop")) == {"1.md": 1}
    assert store.read(lambda r: r.file_of("shop", 1)) == "1.md"
    assert store.read(lambda r: r.file_of("shop", 2)) is None
    assert store.read(lambda r: r.file_errors("shop")) == [error]
    assert store.write(lambda w: w.clear_file_error("shop", "2.md"))
    assert not store.write(lambda w: w.clear_file_error("shop", "2.md"))


def test_a_breaker_nobody_touched_is_closed(store: Store) -> None:
    assert store.read(lambda r: r.breaker("claude")) == Breaker(kind="claude")
    tripped = Breaker(kind="claude", state="open", recent=(True, False), opened_at=1, until=2)
    store.write(lambda w: w.save_breaker(tripped))
    assert store.read(lambda r: r.breaker("claude")) == tripped


def test_the_first_result_of_a_step_stays(store: Store) -> None:
    for result in ("one", "two"):
        store.write(lambda w, result=result: w.save_step("c:1", "plan", result, 1))
    assert store.read(lambda r: r.step("c:1", "plan")) == "one"
    store.write(lambda w: w.forget_steps("c:1"))
    assert store.read(lambda r: r.step("c:1", "plan")) is None


def test_an_idempotency_key_counts_for_a_day(store: Store) -> None:
    store.write(lambda w: w.remember("k", "hash", "answer", 1000))
    store.write(lambda w: w.remember("k", "other", "second", 2000))
    assert store.read(lambda r: r.recall("k", 1000 + DAY)) == ("hash", "answer")
    assert store.read(lambda r: r.recall("k", 1001 + DAY)) is None
    store.write(lambda w: w.remember("k", "other", "second", 1001 + DAY))
    assert store.read(lambda r: r.recall("k", 1001 + DAY)) == ("other", "second")


def _edited(card: Card) -> Event:
    return an_event(card, kind=EventKind.CARD_EDITED)


def _gate(**changes: Any) -> GateVerdict:
    fields: dict[str, Any] = {"name": "tests", "tree": "t", "command": "make", "ok": True}
    return GateVerdict(**{**fields, **changes})


def _landing(card: Card, **changes: Any) -> Landing:
    fields: dict[str, Any] = {"generation": 1, "base": "b", "tip": "p", "tree": "t", "at": 7}
    return Landing(card_id=card.id, **{**fields, **changes})
