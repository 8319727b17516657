"""A person's decisions on a change."""

from __future__ import annotations

from pathlib import Path

import pytest

from sps.bootstrap import Wired
from sps.model.card import CardState
from sps.model.errors import Misuse
from sps.model.event import Event, EventKind
from sps.services.decide_card import approve_card, reject_card
from sps.services.remarks import remarks
from tests.fakes.small_world import card_in, small_world

AWAITING = {"reason": "awaiting-approval", "stage": "check", "tip": "t1", "tree": "tree1"}


@pytest.fixture
def world(tmp_path: Path) -> Wired:
    return small_world(tmp_path / "home")


def test_approval_leads_to_the_next_review_then_to_landing(world: Wired) -> None:
    card = card_in(world, CardState.REVIEW, **AWAITING)
    after = approve_card(world, "demo", card.seq)
    assert (after.state, after.stage, after.reason) == (CardState.REVIEW, "sign-off", None)


def test_last_approval_is_bound_to_the_tip(world: Wired) -> None:
    card = card_in(world, CardState.REVIEW, **(AWAITING | {"stage": "sign-off"}))
    after = approve_card(world, "demo", card.seq)
    assert (after.state, after.approved) == (CardState.LANDING, "t1")
    (verdict,) = world.store.read(lambda tx: tx.verdicts(card.id))
    assert (verdict.by, verdict.tree, verdict.tip) == ("owner", "tree1", "t1")


def test_rejection_goes_to_the_stage_of_on_fail_with_the_comment(world: Wired) -> None:
    card = card_in(world, CardState.REVIEW, **AWAITING)
    after = reject_card(world, "demo", card.seq, remarks("use a set"))
    assert (after.state, after.stage, after.tree) == (CardState.READY, "develop", None)
    assert after.generation == card.generation + 1
    with pytest.raises(Misuse) as refused:
        reject_card(world, "demo", card.seq, remarks("again"))
    assert refused.value.code == "not-waiting"


def test_rejection_needs_words(world: Wired) -> None:
    card = card_in(world, CardState.REVIEW, **AWAITING)
    with pytest.raises(Misuse) as refused:
        reject_card(world, "demo", card.seq, remarks("  "))
    assert refused.value.code == "empty-comment"


def held(world: Wired) -> int:
    card = card_in(world, CardState.NEEDS_HUMAN, reason="ci-edited", tip="t1")
    finding = {"code": "ci-edited", "path": ".ci.yml", "line": 0, "says": "edits CI"}
    event = Event(
        project="demo", card_id=card.id, kind=EventKind.GATE_HELD, at=1,
        payload={"findings": [finding]},
    )  # fmt: skip
    world.store.write(lambda tx: tx.add_event(event))
    return card.seq


def test_accepting_held_findings_waives_exactly_this_tip(world: Wired) -> None:
    after = approve_card(world, "demo", held(world))
    assert (after.state, after.waived) == (CardState.GATING, "t1")


def test_held_findings_can_be_sent_back(world: Wired) -> None:
    after = reject_card(world, "demo", held(world), remarks("leave CI alone"))
    assert (after.state, after.stage) == (CardState.READY, "develop")


def test_a_secret_can_never_be_approved(world: Wired) -> None:
    card = card_in(world, CardState.NEEDS_HUMAN, reason="secret", tip="t1")
    with pytest.raises(Misuse) as refused:
        approve_card(world, "demo", card.seq)
    assert refused.value.code == "not-waiting"
    assert f"sps card retry demo {card.seq}" in refused.value.message


@pytest.mark.parametrize("state", [CardState.RUNNING, CardState.BACKLOG, CardState.DONE])
def test_what_does_not_wait_cannot_be_approved(world: Wired, state: CardState) -> None:
    card = card_in(world, state)
    with pytest.raises(Misuse) as refused:
        approve_card(world, "demo", card.seq)
    assert refused.value.code == "not-waiting"
