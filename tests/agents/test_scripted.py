"""The embedded agent goes the same way as the real one, without a model."""

from __future__ import annotations

import pytest

from sps.model.card import CardState
from sps.model.run import Outcome
from tests.agents.place import Place

pytestmark = pytest.mark.needs("bwrap", "git")


@pytest.fixture
def scripted(place: Place) -> Place:
    place.join("scripted")
    return place


def test_card_goes_from_backlog_to_the_owners_branch(scripted: Place) -> None:
    seq = scripted.add("Greet", "```file path=greeting.txt\nhello\n```\n")
    scripted.work()

    card = scripted.card(seq)
    assert (card.state, card.reason) == (CardState.DONE, None)
    assert (scripted.repo / "greeting.txt").read_text() == "hello\n"
    assert scripted.trailers()["Agent"] == "scripted"
    assert [run.outcome for run in scripted.runs(seq)] == [Outcome.ENDED]


def test_the_word_done_without_work_lands_nothing(scripted: Place) -> None:
    before = scripted.git("rev-parse", "main")
    seq = scripted.add("Greet", "```say\nDone.\n```\n")
    scripted.work(code=1)

    card = scripted.card(seq)
    assert (card.state, card.reason) == (CardState.NEEDS_HUMAN, "no-change")
    assert scripted.git("rev-parse", "main") == before
