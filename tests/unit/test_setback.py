"""How long a card waits after a setback, and that whoever looks on is told why."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from sps.bootstrap import Wired
from sps.cli.tick import _late
from sps.daemon.board import look
from sps.flow.setback import Failure, park
from sps.model.card import Card, CardState
from tests.fakes.small_world import card_in, small_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Wired]:
    world = small_world(tmp_path / "home")
    yield world
    world.store.close()


def _pauses(world: Wired, card: Card, reason: str) -> tuple[Card, list[float]]:
    """Let a card fail for that reason until a person is asked; return it and its pauses (s)."""
    pauses: list[float] = []
    for _ in range(50):
        card = asyncio.run(park(world, card, Failure(reason=reason, detail="it said so")))
        if card.state is CardState.NEEDS_HUMAN:
            break
        pauses.append((card.not_before - world.clock.now()) / 1000)
    return card, pauses


def test_outage_of_a_vendor_is_waited_out_with_pauses_of_minutes_and_a_bound(world: Wired) -> None:
    card, pauses = _pauses(world, card_in(world, CardState.RUNNING), "vendor-unreachable")
    assert (card.state, card.reason) == (CardState.NEEDS_HUMAN, "vendor-unreachable")
    spans = [40, 80, 160, 320, *[400] * 8]
    assert len(pauses) == len(spans)
    assert all(
        span / 2 - 0.01 <= pause <= span for span, pause in zip(spans, pauses, strict=True)
    ), pauses


def test_what_crashes_is_tried_again_soon_and_a_person_asked_after_five_times(world: Wired) -> None:
    card, pauses = _pauses(world, card_in(world, CardState.RUNNING), "crashed")
    assert card.state is CardState.NEEDS_HUMAN
    assert len(pauses) == 5
    assert max(pauses) <= 8


def test_who_looks_on_is_told_what_a_card_waits_for(world: Wired) -> None:
    card = card_in(world, CardState.RUNNING)
    failure = Failure(reason="vendor-unreachable", detail="could not reach a.example:443\nmore")
    asyncio.run(park(world, card, failure))
    [line] = _late(look(world, ("demo",)))
    assert line.startswith("  demo 1 waits until ")
    assert line.endswith("Z: vendor-unreachable: could not reach a.example:443")
    assert look(world, ("other",)).late == ()


def test_pause_of_a_moment_is_not_worth_a_word(world: Wired) -> None:
    card = card_in(world, CardState.RUNNING)
    asyncio.run(park(world, card, Failure(reason="crashed", detail="it said so")))
    assert look(world, ("demo",)).late == ()
