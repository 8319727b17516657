"""Why a card is where it is: a true sentence and a command that works there."""

from __future__ import annotations

from pathlib import Path

import pytest

from sps.bootstrap import Wired
from sps.lib.times import rfc3339
from sps.model.card import CardState, CardText
from sps.services.add_card import add_card
from sps.services.move_card import cancel_card, hold_card
from sps.services.status import status
from sps.services.waiting import waiting
from sps.services.why import why
from tests.fakes.small_world import card_in, small_world


@pytest.fixture
def world(tmp_path: Path) -> Wired:
    return small_world(tmp_path / "home")


@pytest.mark.parametrize("state", list(CardState))
def test_every_state_is_explained(world: Wired, state: CardState) -> None:
    card = card_in(world, state)
    found = why(world, "demo", card.seq)
    assert found.where
    assert found.why.endswith(".")
    assert found.timeline[0].kind == "card.added"


@pytest.mark.parametrize(
    "state,reason,command",
    [
        (CardState.NEEDS_HUMAN, "gate-failed", "sps card retry demo 1"),
        (CardState.REVIEW, "awaiting-approval", "sps card show demo 1 --diff"),
        (CardState.REVIEW, "crashed", ""),
        (CardState.GATING, "gate-not-run", ""),
        (CardState.NEEDS_HUMAN, "never-heard-of", "sps doctor demo"),
    ],
)
def test_command_is_one_that_works_in_that_state(
    world: Wired, state: CardState, reason: str, command: str
) -> None:
    card = card_in(world, state, reason=reason)
    found = why(world, "demo", card.seq)
    assert found.next == command
    assert ("by itself" in found.why) is (command == "")


def test_waiting_card_names_its_parents(world: Wired) -> None:
    add_card(world, "demo", CardText(title="Parent", hold=True))
    add_card(world, "demo", CardText(title="Child", after=(1,)))
    found = why(world, "demo", 2)
    assert "1 (planning)" in found.why
    assert found.next == "sps why demo 1"


def test_held_and_cancelled_cards_say_how_to_go_on(world: Wired) -> None:
    held, stopped = card_in(world, CardState.READY), card_in(world, CardState.RUNNING)
    hold_card(world, "demo", held.seq)
    cancel_card(world, "demo", stopped.seq)
    for card, reason in ((held, None), (stopped, "cancelled")):
        found = why(world, "demo", card.seq)
        assert (found.card.reason, found.next) == (reason, f"sps card move demo {card.seq} backlog")


def test_only_cards_that_wait_for_a_person_are_called_so(world: Wired) -> None:
    card_in(world, CardState.REVIEW, reason="crashed")
    card_in(world, CardState.REVIEW, reason="awaiting-approval")
    card_in(world, CardState.LANDING, reason="target-dirty")
    card_in(world, CardState.NEEDS_HUMAN, reason="secret")
    assert [one.card.seq for one in waiting(world, ("demo",))] == [2, 3, 4]
    (one,) = status(world).projects
    assert (one.running, one.waiting, one.needs_human) == (1, 2, 1)


def test_refused_landing_says_when_it_is_tried_next(world: Wired) -> None:
    later = world.clock.now() + 60_000
    card = card_in(world, CardState.LANDING, reason="sign-locked", not_before=later)
    found = why(world, "demo", card.seq)
    assert found.why.endswith(f"Next try: {rfc3339(later)}.")
    assert found.next == "sps card show demo 1"
