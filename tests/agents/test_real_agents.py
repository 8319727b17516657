"""Real coding agents take cards from the backlog to the owner's branch."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import msgspec
import pytest

from sps.lib import proctree
from sps.model.card import CardState
from sps.model.event import EventKind
from sps.model.run import Outcome
from tests.agents.model import ModelServer
from tests.agents.model.scenario import GREETING, LONG
from tests.agents.model.tokens import INPUT_TOKENS, OUTPUT_TOKENS
from tests.agents.place import PROJECT, Place
from tests.agents.subjects import MODEL, SUBJECTS, Subject

# The first of these tests may have to fetch the agent.
pytestmark = [pytest.mark.needs("npm", "bwrap", "git"), pytest.mark.timeout(330)]

_PATIENCE = 60.0  # seconds; only a bug waits that long
_AT_ONCE = 1.0  # seconds, on a machine that is not busy with other things
ZED_CODEX = SUBJECTS[0]


def test_card_goes_from_backlog_to_the_owners_branch(
    agent: Place, subject: Subject, model: ModelServer
) -> None:
    seq = agent.add("Greet", f"Write a greeting. [[scenario:{subject.scenario}]]")
    agent.work()

    card = agent.card(seq)
    assert (card.state, card.reason, card.attempt) == (CardState.DONE, None, 1)
    assert (agent.repo / "greeting.txt").read_text() == f"{GREETING}\n"
    assert (agent.repo / "count.txt").read_text().strip() == "1"
    assert agent.git("status", "--porcelain") == ""
    assert card.landed is not None
    assert card.landed.commit == agent.git("rev-parse", "main")
    trailers = agent.trailers()
    assert trailers["Card"] == card.id
    assert trailers["Card-Number"] == f"{PROJECT}#{seq}"
    assert (trailers["Agent"], trailers["Gates"]) == (subject.name, "greets")

    [run] = agent.runs(seq)
    assert run.outcome is Outcome.ENDED
    assert (run.usage.total_tokens or 0) >= INPUT_TOKENS + OUTPUT_TOKENS
    assert {entry["type"] for entry in agent.transcript(run)} >= {"prompt", "tool", "turn", "end"}
    asked = {request["path"].partition("?")[0] for request in model.requests()}
    assert subject.path in asked <= {subject.path, "/v1/models", "/"}

    permissions = [event.payload for event in agent.events(seq, EventKind.RUN_PERMISSION)]
    assert permissions
    assert {(one["tool"], one["decision"], one["rule"]) for one in permissions} == {
        ("execute", "allow", "execute-inside")
    }
    assert "greeting.txt" in permissions[0]["title"]


@pytest.mark.parametrize("subject", [ZED_CODEX], ids=["zed-codex"])
def test_an_edit_outside_the_workspace_is_refused_and_the_rest_lands(agent: Place) -> None:
    seq = agent.add("Greet", "[[scenario:patch]]")
    agent.work()

    asked = [event.payload for event in agent.events(seq, EventKind.RUN_PERMISSION)]
    assert [(one["tool"], one["decision"], one["rule"]) for one in asked] == [
        ("edit", "allow", "change-inside"),
        ("edit", "reject", "change-outside"),
    ]
    # Codex gives up its turn over a refusal; it is told to go on without.
    [run] = agent.runs(seq)
    assert run.outcome is Outcome.ENDED
    stops = [entry["stop"] for entry in agent.transcript(run) if entry["type"] == "turn"]
    assert stops == ["cancelled", "end_turn"]
    assert agent.card(seq).state is CardState.DONE
    assert (agent.repo / "greeting.txt").read_text() == f"{GREETING}\n"
    assert list(agent.root.rglob("beside.txt")) == []


@pytest.mark.parametrize("subject", SUBJECTS[:2], ids=["zed-codex", "codex"])
def test_a_key_logs_codex_in_at_another_address_and_leaves_no_file(
    agent: Place, subject: Subject, model: ModelServer
) -> None:
    kind = agent.world.registry.kind(subject.name)
    [(name, config)] = agent.world.registry.kind(subject.entry).files.items()
    address = f'model = "{MODEL}"\nopenai_base_url = "http://127.0.0.1:{model.port}/v1"\n'
    keyed = msgspec.structs.replace(
        kind,
        keys=("OPENAI_API_KEY", "CODEX_API_KEY"),
        login_files=(".codex/auth.json",),
        files={name: address + config},
    )
    agent.world.registry.add(keyed)
    agent.world.logins.keep_key(keyed, "CODEX_API_KEY", "sk-not-a-secret-0123456789")
    seq = agent.add("Greet", f"Write a greeting. [[scenario:{subject.scenario}]]")
    agent.work()

    assert (agent.card(seq).state, agent.card(seq).reason) == (CardState.DONE, None)
    assert (agent.repo / "greeting.txt").read_text() == f"{GREETING}\n"
    assert list(agent.root.rglob("auth.json")) == []


def test_the_word_done_without_work_lands_nothing_and_the_conversation_is_resumed(
    agent: Place, model: ModelServer
) -> None:
    before = agent.git("rev-parse", "main")
    seq = agent.add("Greet", "[[scenario:only-talk]]")
    agent.work(code=1)

    card = agent.card(seq)
    assert (card.state, card.reason) == (CardState.NEEDS_HUMAN, "no-change")
    assert card.landed is None
    assert agent.git("rev-parse", "main") == before
    assert agent.git("status", "--porcelain") == ""
    runs = agent.runs(seq)
    assert [run.outcome for run in runs] == [Outcome.ENDED] * 2
    stops = [
        entry["stop"] for run in runs for entry in agent.transcript(run) if entry["type"] == "turn"
    ]
    assert stops == ["end_turn"] * 2
    asked = [request for request in model.requests() if "call" in request]
    assert {request["call"] for request in asked} == {None}
    # The second attempt is another process, and goes on where the first one ended.
    assert len({run.session_id for run in runs}) == 1
    assert max(request["prompts"] for request in asked) == 2


def test_agent_reaches_its_workspace_its_model_and_nothing_else(
    agent: Place, model: ModelServer
) -> None:
    seq = agent.add("Look around", "[[scenario:look-around]]")
    agent.work()

    assert agent.card(seq).state is CardState.DONE
    assert (agent.repo / "greeting.txt").read_text() == f"port {model.port}\n"


def test_cancelling_ends_a_long_command_and_everything_around_it(agent: Place) -> None:
    seq = agent.add("Take long", "[[scenario:long-command]]")
    with agent.working() as tick:
        family = _family_at_work(agent, tick)
        asked = time.time()
        asking = agent.begin("card", "cancel", PROJECT, str(seq))
        gone = _gone(agent, family) - asked
        assert asking.wait(_PATIENCE) == 0
        assert tick.wait(_PATIENCE) == 0
    agent.check()

    [run] = agent.runs(seq)
    assert run.outcome is Outcome.CANCELLED
    assert gone <= _AT_ONCE * _crowd(), f"{gone:.2f} s from the request to the last process"
    card = agent.card(seq)
    assert (card.state, card.landed) == (CardState.PLANNING, None)
    assert agent.git("rev-list", "--count", "main") == "1"


def _family_at_work(place: Place, tick: subprocess.Popen[bytes]) -> dict[int, int]:
    """Wait for the long command; return pid -> start time of the processes of the run."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and tick.poll() is None:
        tagged = place.alive()
        if sum(_command(pid) == LONG for pid in tagged) >= 2:
            return {pid: proctree.start_time(pid) for pid in tagged}
        time.sleep(0.05)
    pytest.fail(f"the long command did not run: {[_command(pid) for pid in place.alive()]}")


def _gone(place: Place, family: dict[int, int]) -> float:
    """Wait until none of these processes lives, nor any that came after them; return when (seconds
    since 1970)."""
    deadline = time.monotonic() + _PATIENCE
    while any(proctree.start_time(pid) == began for pid, began in family.items()) or _runs(place):
        assert time.monotonic() < deadline, "processes outlive the cancelled run"
        time.sleep(0.01)
    return time.time()


def _runs(place: Place) -> bool:
    """Whether a process of a run lives; our own git on the vault is none."""
    return any("/vault/" not in tag for tag in place.alive().values())


def _crowd() -> float:
    """Return how many times slower than alone this machine is now."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    except OSError:
        return ""
