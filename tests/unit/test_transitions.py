"""The one table of state changes: what it allows, and that nothing else is possible."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from scripts import draw_transitions
from sps.model.card import ACTIVE, TERMINAL, Card, CardState, CardText
from sps.model.errors import WorkFailed
from sps.model.event import Event, EventKind, Standing, fold
from sps.model.transitions import TABLE, Verb, allowed, move

S, V = CardState, Verb
OPEN = set(CardState) - TERMINAL
FENCING = {V.START, V.RESUME, V.HOLD, V.DROP}  # a launch, or what takes a launch away


def a_card(state: CardState = S.BACKLOG) -> Card:
    return Card(
        project="demo",
        seq=1,
        id="01CARD",
        text=CardText(title="A card"),
        state=state,
        created_at=0,
        updated_at=0,
    )


def added(card: Card) -> Event:
    payload = {"title": card.text.title, "state": card.state.value, "seq": 1, "reason": None}
    return Event(
        project="demo", card_id=card.id, kind=EventKind.CARD_ADDED, at=0, payload=payload, seq=1
    )


def reachable(starts: set[CardState]) -> set[CardState]:
    seen = set(starts)
    todo = list(starts)
    while todo:
        state = todo.pop()
        for verb in allowed(state):
            target = TABLE[state, verb]
            if target not in seen:
                seen.add(target)
                todo.append(target)
    return seen


EXPECTED = [
    (S.PLANNING, V.RELEASE, S.BACKLOG),
    (S.BACKLOG, V.ADMIT, S.READY),
    (S.READY, V.START, S.RUNNING),
    (S.RUNNING, V.NEXT_STAGE, S.RUNNING),
    (S.RUNNING, V.WORKED, S.GATING),
    (S.RUNNING, V.PARK, S.READY),
    (S.RUNNING, V.REWORK, S.READY),
    (S.GATING, V.PASSED, S.REVIEW),
    (S.GATING, V.APPROVED, S.LANDING),
    (S.GATING, V.REWORK, S.READY),
    (S.GATING, V.PARK, S.GATING),
    (S.REVIEW, V.REVIEWED, S.REVIEW),
    (S.REVIEW, V.APPROVED, S.LANDING),
    (S.REVIEW, V.WAIT, S.REVIEW),
    (S.LANDING, V.REGATE, S.GATING),
    (S.LANDING, V.WAIT, S.LANDING),
    (S.LANDING, V.LANDED, S.DONE),
    (S.NEEDS_HUMAN, V.RETRY, S.READY),
    (S.NEEDS_HUMAN, V.APPROVED, S.GATING),
]


@pytest.mark.parametrize("source, verb, target", EXPECTED)
def test_verb_leads_where_the_product_says(
    source: CardState, verb: Verb, target: CardState
) -> None:
    done = move(a_card(source), verb, at=7)
    assert done.after.state is target
    assert done.event.payload["from"] == source.value
    assert done.event.payload["to"] == target.value


@pytest.mark.parametrize("state", sorted(TERMINAL))
@pytest.mark.parametrize("verb", list(Verb))
def test_no_verb_leaves_a_terminal_state(state: CardState, verb: Verb) -> None:
    with pytest.raises(WorkFailed) as caught:
        move(a_card(state), verb, at=1)
    assert caught.value.code == "illegal-transition"
    assert caught.value.hint == "sps why demo 1"


@pytest.mark.parametrize("state", sorted(OPEN))
def test_owner_can_hold_and_drop_every_open_card(state: CardState) -> None:
    assert TABLE[state, V.HOLD] is S.PLANNING
    assert TABLE[state, V.DROP] is S.DROPPED


@pytest.mark.parametrize("state", sorted(OPEN - {S.NEEDS_HUMAN}))
def test_every_open_state_can_ask_a_person(state: CardState) -> None:
    assert TABLE[state, V.BLOCK] is S.NEEDS_HUMAN


def test_done_is_reached_from_landing_alone() -> None:
    assert [source for (source, _), target in TABLE.items() if target is S.DONE] == [S.LANDING]


def test_landing_is_reached_only_through_gating() -> None:
    """Nothing lands that the gates have not judged: without gating, landing is out of reach."""
    without = {key: target for key, target in TABLE.items() if key[0] is not S.GATING}
    seen, todo = {S.PLANNING, S.BACKLOG}, [S.PLANNING, S.BACKLOG]
    while todo:
        state = todo.pop()
        for (source, _), target in without.items():
            if source is state and target not in seen:
                seen.add(target)
                todo.append(target)
    assert not seen & {S.REVIEW, S.LANDING, S.DONE}


def test_every_state_is_reachable_from_a_new_card() -> None:
    assert reachable({S.PLANNING, S.BACKLOG}) == set(CardState)


@pytest.mark.parametrize("state", sorted(OPEN))
def test_every_open_state_can_reach_both_ends(state: CardState) -> None:
    assert reachable({state}) >= TERMINAL


def test_every_verb_is_used_and_every_active_state_can_be_resumed() -> None:
    assert {verb for (_, verb) in TABLE} == set(Verb)
    assert {source for (source, verb) in TABLE if verb is V.RESUME} == ACTIVE


def test_reason_and_detail_are_cleared_unless_given() -> None:
    blocked = move(a_card(S.GATING), V.BLOCK, at=1, reason="conflict", detail="in a.py").after
    assert (blocked.reason, blocked.detail) == ("conflict", "in a.py")
    assert move(blocked, V.RETRY, at=2).after.reason is None


def test_drawn_table_in_the_documentation_is_the_table() -> None:
    page = draw_transitions.PAGE.read_text(encoding="utf-8")
    assert page == draw_transitions.drawn(page), "run: python scripts/draw_transitions.py"


class Board(RuleBasedStateMachine):
    """One card under every sequence of verbs, legal or not, with its events beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.card = a_card()
        self.events = [added(self.card)]
        self.generations = [0]
        self.terminal: Card | None = None

    @rule(
        verb=st.sampled_from(Verb),
        stage=st.sampled_from(("develop", "review", "")),
        reason=st.one_of(st.none(), st.sampled_from(("conflict", "gate-failed", "timeout"))),
    )
    def attempt(self, verb: Verb, stage: str, reason: str | None) -> None:
        before = self.card
        fence = before.generation + (verb in FENCING)
        changes = {"stage": stage, "reason": reason, "generation": fence}
        if (before.state, verb) not in TABLE:
            with pytest.raises(WorkFailed):
                move(before, verb, at=1, **changes)
            return
        done = move(before, verb, at=before.updated_at + 1, **changes)
        assert done.before == before
        self.card = done.after
        numbered = msgspec.structs.replace(done.event, seq=len(self.events) + 1)
        self.events.append(numbered)
        self.generations.append(self.card.generation)
        if self.card.state in TERMINAL:
            self.terminal = self.card

    @precondition(lambda self: self.card.state not in TERMINAL)
    @rule()
    def something_is_always_possible(self) -> None:
        assert allowed(self.card.state)

    @invariant()
    def fold_of_the_events_is_the_card(self) -> None:
        card = self.card
        standing = Standing(card.state.value, card.stage, card.attempt, card.reason)
        assert fold(self.events) == standing

    @invariant()
    def version_counts_the_moves(self) -> None:
        assert self.card.version == len(self.events) - 1

    @invariant()
    def generation_never_goes_back(self) -> None:
        assert self.generations == sorted(self.generations)

    @invariant()
    def terminal_stays_as_it_was(self) -> None:
        assert self.terminal is None or self.terminal == self.card


Board.TestCase.settings = settings(max_examples=150, stateful_step_count=30)
TestBoard = Board.TestCase
