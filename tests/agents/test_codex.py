"""A real coding agent takes cards from the backlog to the owner's branch."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from sps.lib import proctree
from sps.model.card import CardState
from sps.model.event import EventKind
from sps.model.run import Outcome
from tests.agents.model import ModelServer
from tests.agents.model.responses import INPUT_TOKENS, OUTPUT_TOKENS
from tests.agents.model.scenario import GREETING, LONG
from tests.agents.place import PROJECT, Place

# The first of these tests may have to fetch the agent.
pytestmark = [pytest.mark.needs("npm", "bwrap", "git"), pytest.mark.timeout(330)]

_PATIENCE = 60.0  # seconds; only a bug waits that long


def test_card_goes_from_backlog_to_the_owners_branch(codex: Place, model: ModelServer) -> None:
    seq = codex.add("Greet", "Write a greeting. [[scenario:write-and-run]]")
    codex.work()

    card = codex.card(seq)
    assert (card.state, card.reason, card.attempt) == (CardState.DONE, None, 1)
    assert (codex.repo / "greeting.txt").read_text() == f"{GREETING}\n"
    assert (codex.repo / "count.txt").read_text().strip() == "1"
    assert codex.git("status", "--porcelain") == ""
    assert card.landed is not None
    assert card.landed.commit == codex.git("rev-parse", "main")
    trailers = codex.trailers()
    assert trailers["Card"] == card.id
    assert trailers["Card-Number"] == f"{PROJECT}#{seq}"
    assert (trailers["Agent"], trailers["Gates"]) == ("codex-under-test", "greets")

    [run] = codex.runs(seq)
    assert run.outcome is Outcome.ENDED
    assert (run.usage.total_tokens or 0) >= INPUT_TOKENS + OUTPUT_TOKENS
    assert {entry["type"] for entry in codex.transcript(run)} >= {"prompt", "tool", "turn", "end"}
    assert {request["path"] for request in model.requests()} <= {"/v1/responses", "/v1/models"}


def test_every_command_is_asked_for_and_answered_by_policy(codex: Place) -> None:
    seq = codex.add("Greet", "[[scenario:write-and-run]]")
    codex.work()

    asked = [event.payload for event in codex.events(seq, EventKind.RUN_PERMISSION)]
    assert [(one["tool"], one["decision"], one["rule"]) for one in asked] == [
        ("execute", "allow", "execute-inside")
    ] * 2
    assert "greeting.txt" in asked[0]["title"]


def test_an_edit_outside_the_workspace_is_refused_and_the_rest_lands(codex: Place) -> None:
    seq = codex.add("Greet", "[[scenario:patch]]")
    codex.work()

    asked = [event.payload for event in codex.events(seq, EventKind.RUN_PERMISSION)]
    assert [(one["tool"], one["decision"], one["rule"]) for one in asked] == [
        ("edit", "allow", "change-inside"),
        ("edit", "reject", "change-outside"),
    ]
    # Codex gives up its turn over a refusal; it is told to go on without.
    [run] = codex.runs(seq)
    assert run.outcome is Outcome.ENDED
    stops = [entry["stop"] for entry in codex.transcript(run) if entry["type"] == "turn"]
    assert stops == ["cancelled", "end_turn"]
    assert codex.card(seq).state is CardState.DONE
    assert (codex.repo / "greeting.txt").read_text() == f"{GREETING}\n"
    assert list(codex.root.rglob("beside.txt")) == []


def test_the_word_done_without_work_lands_nothing(codex: Place, model: ModelServer) -> None:
    before = codex.git("rev-parse", "main")
    seq = codex.add("Greet", "[[scenario:only-talk]]")
    codex.work(code=1)

    card = codex.card(seq)
    assert (card.state, card.reason) == (CardState.NEEDS_HUMAN, "no-change")
    assert card.landed is None
    assert codex.git("rev-parse", "main") == before
    assert codex.git("status", "--porcelain") == ""
    runs = codex.runs(seq)
    assert [run.outcome for run in runs] == [Outcome.ENDED] * 2
    stops = [
        entry["stop"] for run in runs for entry in codex.transcript(run) if entry["type"] == "turn"
    ]
    assert stops == ["end_turn"] * 2
    assert {request["call"] for request in model.requests() if "call" in request} == {None}


def test_agent_reaches_its_workspace_its_model_and_nothing_else(
    codex: Place, model: ModelServer
) -> None:
    seq = codex.add("Look around", "[[scenario:look-around]]")
    codex.work()

    assert codex.card(seq).state is CardState.DONE
    assert (codex.repo / "greeting.txt").read_text() == f"port {model.port}\n"


def test_cancelling_ends_a_long_command_and_everything_around_it(codex: Place) -> None:
    seq = codex.add("Take long", "[[scenario:long-command]]")
    with codex.working() as tick:
        family = _family_at_work(codex, tick)
        codex.sps("card", "cancel", PROJECT, str(seq))
        assert tick.wait(_PATIENCE) == 0
    codex.check()

    assert [pid for pid, began in family.items() if proctree.start_time(pid) == began] == []
    assert [run.outcome for run in codex.runs(seq)] == [Outcome.CANCELLED]
    card = codex.card(seq)
    assert (card.state, card.landed) == (CardState.PLANNING, None)
    assert codex.git("rev-list", "--count", "main") == "1"


def _family_at_work(place: Place, tick: subprocess.Popen[bytes]) -> dict[int, int]:
    """Wait for the long command; return pid -> start time of the processes of the run."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and tick.poll() is None:
        tagged = place.alive()
        if sum(_command(pid) == LONG for pid in tagged) == 2:
            return {pid: proctree.start_time(pid) for pid in tagged}
        time.sleep(0.05)
    pytest.fail(f"the long command did not run: {[_command(pid) for pid in place.alive()]}")


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    except OSError:
        return ""
