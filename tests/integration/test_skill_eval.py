"""Evaluating a skill: its own tasks, with it and without it, by the scripted agent."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sps.bootstrap import Wired, open_world
from sps.cli.skill.eval import _text
from sps.model.errors import Absent, Misuse
from sps.model.run import Outcome
from sps.ports.agent import AgentJob, AgentListener, AgentReport
from sps.services.skills.evaluating import Evaluation, evaluate

pytestmark = pytest.mark.needs("bwrap")

SKILL = "---\nname: house\ndescription: Use when writing here.\n---\nCall it by its name.\n"
# The scripted agent does what the prompt says; with the skill beside it, it finds the word there.
PROMPT = (
    "```sh\ncp .agents/skills/house/references/word.txt out.txt || echo nothing > out.txt\n```\n"
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Wired]:
    made = open_world(tmp_path / "home", create=True)
    yield made
    made.store.close()


def write(world: Wired, evals: object) -> None:
    folder = world.home.skills / "house"
    (folder / "references").mkdir(parents=True)
    (folder / "evals").mkdir()
    (folder / "SKILL.md").write_text(SKILL)
    (folder / "references" / "word.txt").write_text("kind\n")
    (folder / "evals" / "evals.json").write_text(json.dumps(evals))


def run(world: Wired, runs: int = 1) -> Evaluation:
    return asyncio.run(evaluate(world, "house", agent="scripted", runs=runs))


def test_skill_that_helps_shows_a_difference_with_its_interval(world: Wired) -> None:
    write(world, {"skill_name": "house", "evals": [{
        "id": "word", "prompt": PROMPT, "expected_output": "the word",
        "files": {"app.txt": "one\n"},
        "assertions": [
            {"file": "out.txt", "matches": "^kind$"}, {"file": "app.txt"},
            {"file": ".agents/skills/house/SKILL.md", "absent": True}, {"run": "test -s out.txt"},
            "It reads well.",
        ],
    }]})  # fmt: skip
    found = run(world, runs=3)
    assert (found.with_skill.good, found.with_skill.of) == (3, 3)
    assert (found.without.good, found.without.of) == (0, 3)
    assert found.difference == 1.0
    assert 0 < found.low < found.high <= 1
    assert found.clear
    assert found.for_a_reader == ["It reads well."]
    assert next(trial.failed for trial in found.trials if not trial.with_skill) == [
        "out.txt does not match '^kind$'"
    ]
    assert "failed without, word: out.txt does not match '^kind$' (3 of 3 runs)" in _text(found)
    assert not world.home.evaluations.exists() or not list(world.home.evaluations.iterdir())


def test_skill_that_changes_nothing_is_not_called_clear(world: Wired) -> None:
    write(world, {"skill_name": "house", "evals": [{
        "prompt": "```file path=a.txt\na\n```\n", "assertions": [{"file": "a.txt"}],
    }]})  # fmt: skip
    found = run(world)
    assert found.with_skill.good == found.without.good == 1
    assert not found.clear


@pytest.mark.parametrize(
    "evals,says",
    [
        ([], "list"),
        ({"evals": [{}]}, 'no "prompt"'),
        ({"evals": [{"prompt": "x", "files": {"../up": "x"}}]}, "no path"),
        ({"evals": [{"prompt": "x", "files": ["missing.txt"]}]}, "evals/missing.txt"),
        ({"evals": [{"prompt": "x", "assertions": [{"file": "a", "matches": "("}]}]}, "regular"),
        ({"evals": [{"prompt": "x", "assertions": [{}]}]}, "either"),
        ({"evals": [{"prompt": "x", "assertions": [{"fil": "a"}]}]}, "fil"),
    ],
)
def test_broken_tasks_are_refused_with_what_is_wrong(
    world: Wired, evals: object, says: str
) -> None:
    write(world, evals)
    with pytest.raises(Misuse) as caught:
        run(world)
    assert caught.value.code == "bad-evals"
    assert says in caught.value.message


def test_skill_without_tasks_says_which_file_is_missing(world: Wired) -> None:
    write(world, {"evals": []})
    with pytest.raises(Misuse, match=r"evals/evals\.json"):
        run(world)


class _Unable:
    """An agent that never gets to work."""

    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome

    async def run(self, job: AgentJob, listener: AgentListener) -> AgentReport:
        return AgentReport(outcome=self._outcome, detail="no such program")


@pytest.mark.parametrize("outcome", [Outcome.MISSING, Outcome.LOGIN, Outcome.CRASHED])
def test_agent_that_cannot_work_is_no_result(world: Wired, outcome: Outcome) -> None:
    write(world, {"evals": [{"prompt": "x", "assertions": [{"file": "a.txt"}]}]})
    world.agents = _Unable(outcome)
    with pytest.raises(Absent) as caught:
        run(world)
    assert (caught.value.code, caught.value.hint) == ("agent-missing", "sps agent doctor scripted")
    assert "no such program" in caught.value.message
    assert not list(world.home.evaluations.iterdir())


def test_task_that_no_machine_decides_counts_nowhere(world: Wired) -> None:
    write(world, {"evals": [
        {"id": "seen", "prompt": "```file path=a.txt\na\n```\n", "assertions": [{"file": "a.txt"}]},
        {"id": "read", "prompt": "x", "assertions": ["It reads well."]},
    ]})  # fmt: skip
    found = run(world)
    assert (found.with_skill.of, found.without.of) == (1, 1)
    assert {trial.case for trial in found.trials} == {"seen"}
    assert (found.not_run, found.for_a_reader) == (["read"], ["It reads well."])


def test_skill_whose_tasks_no_machine_decides_is_not_evaluated(world: Wired) -> None:
    write(world, {"evals": [{"prompt": "x", "assertions": ["It reads well."]}]})
    with pytest.raises(Misuse) as caught:
        run(world)
    assert caught.value.code == "no-assertions"


def test_tasks_that_are_no_json_are_refused_with_line_and_column(world: Wired) -> None:
    write(world, {})
    file = world.home.skills / "house" / "evals" / "evals.json"
    for text, place in (('{\n  "evals": x}', "line 2, column 12"), ('{"evals": [', "column 12")):
        file.write_text(text)
        with pytest.raises(Misuse, match=place):
            run(world)
