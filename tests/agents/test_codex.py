"""A real coding agent takes cards from the backlog to the owner's branch."""

from __future__ import annotations

import pytest

from sps.model.card import CardState
from sps.model.event import EventKind
from sps.model.run import Outcome
from tests.agents.model import ModelServer
from tests.agents.place import Place

pytestmark = [pytest.mark.needs("npm", "bwrap", "git"), pytest.mark.timeout(300)]


def test_card_goes_from_backlog_to_the_owners_branch(codex: Place, model: ModelServer) -> None:
    seq = codex.add("Greet", "Write a greeting. [[scenario:write-and-run]]")
    codex.work()

    card = codex.card(seq)
    assert (card.state, card.detail) == (CardState.DONE, "")
