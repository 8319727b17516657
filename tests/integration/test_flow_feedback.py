"""What goes wrong with a change comes back to the agent, a bounded number of times."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sps.model.event import EventKind
from tests.integration.scene import Scene, file, hold_on, sh

pytestmark = pytest.mark.needs("bwrap", "git")

_PIPELINE = """\
version: 1
agent: scripted
workers: 4
stages:
  - {name: develop, timeout: 1m, attempts: 3}
gates:
  - name: sound
    run: echo the gate looks; test ! -e broken || { echo the answer is $((40+2)); exit 3; }
"""
_MENDED, _HOPELESS, _FAILING, _EMPTY, _LATE = range(1, 6)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Five cards that fail in five ways, worked off in one tick."""
    it = Scene(tmp_path_factory.mktemp("feedback"), _PIPELINE)
    assert it.add(file("broken", "x\n", "attempt=1") + sh("rm broken; echo ok > ok", "attempt=2")) \
        == _MENDED  # fmt: skip
    it.add(file("broken", "x\n"))
    it.add(sh("echo cannot be done >&2; exit 7"))
    it.add("```say\nNothing to do here.\n```\n")
    it.add("```say attempt=1\nNothing yet.\n```\n" + file("late.txt", "late\n", "attempt=2"))
    it.tick()
    yield it
    it.close()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Scene]:
    it = Scene(tmp_path)
    yield it
    it.close()


def test_failing_gate_goes_back_to_work_with_its_output_in_the_next_prompt(scene: Scene) -> None:
    assert scene.standing(_MENDED) == ("done", None)
    first, second = scene.runs(_MENDED)
    assert (first.attempt, second.attempt) == (1, 2)
    assert "the answer is 42" not in scene.prompt(first)
    assert "the answer is 42" in scene.prompt(second)
    assert "exit 3" in scene.prompt(second)
    assert scene.repo.at("ok") == "ok"
    assert scene.repo.at("broken") is None


def test_output_of_every_gate_that_ran_is_kept(scene: Scene) -> None:
    ran = scene.events(_MENDED, EventKind.GATE_RAN)
    assert [event.payload["ok"] for event in ran][:2] == [False, True]
    logs = [scene.world.home.root / str(event.payload["log"]) for event in ran]
    assert "the answer is 42" in logs[0].read_text()
    assert "the gate looks" in logs[1].read_text()


def test_gate_that_always_fails_ends_with_a_person_after_three_attempts(scene: Scene) -> None:
    card = scene.card(_HOPELESS)
    assert (card.state, card.reason, card.attempt) == ("needs_human", "gate-failed", 3)
    assert [run.attempt for run in scene.runs(_HOPELESS)] == [1, 2, 3]


def test_three_failures_of_the_agent_end_with_a_person(scene: Scene) -> None:
    card = scene.card(_FAILING)
    assert (card.state, card.reason, card.attempt) == ("needs_human", "failed", 3)
    assert "cannot be done" in card.detail
    assert "cannot be done" in scene.prompt(scene.runs(_FAILING)[1])


def test_empty_change_gets_one_more_attempt_and_then_a_person(scene: Scene) -> None:
    card = scene.card(_EMPTY)
    assert (card.state, card.reason) == ("needs_human", "no-change")
    assert len(scene.runs(_EMPTY)) == 2


def test_empty_change_may_be_filled_by_the_second_attempt(scene: Scene) -> None:
    assert scene.standing(_LATE) == ("done", None)
    assert scene.repo.at("late.txt") == "late"


def test_nothing_of_the_refused_changes_is_on_the_target(scene: Scene) -> None:
    assert sorted(scene.repo.landed()) == ["Card 1 (p#1)", "Card 5 (p#5)", "start"]
    assert scene.repo.git("status", "--porcelain") == ""
    assert scene.orphans() == {}


def _conflict(scene: Scene, then: str) -> None:
    """Play a card whose agent and owner change the same lines at the same time."""
    scene.add(hold_on() + file("app.txt", "mine\n", "attempt=1") + then)

    def change() -> None:
        scene.repo.commit({"app.txt": "theirs\n"})
        scene.go_on(1)

    scene.tick(when=lambda: scene.working(1), do=change)


def test_conflict_goes_back_with_markers_and_lands_after_another_attempt(fresh: Scene) -> None:
    look = sh("grep -q '<<<<<<<' app.txt && grep -q theirs app.txt && grep -q mine app.txt",
              "attempt=2")  # fmt: skip
    _conflict(fresh, look + file("app.txt", "theirs\nmine\n", "attempt=2"))
    assert fresh.standing(1) == ("done", None)
    assert fresh.repo.at("app.txt") == "theirs\nmine"
    assert fresh.reasons(1) == ["conflict"]
    assert "CONFLICT" in fresh.prompt(fresh.runs(1)[1])
    assert "app.txt" in fresh.prompt(fresh.runs(1)[1])


def test_unresolved_markers_never_land(fresh: Scene) -> None:
    _conflict(fresh, "```say attempt=2+\nLeft as it is.\n```\n")
    assert fresh.standing(1) == ("needs_human", "conflict-marker")
    assert fresh.reasons(1) == ["conflict", "conflict-marker", "conflict-marker"]
    assert [run.attempt for run in fresh.runs(1)] == [1, 2, 3]
    assert fresh.repo.at("app.txt") == "theirs"


def test_failed_attempt_at_a_conflict_is_followed_by_one_that_sees_the_markers(
    fresh: Scene,
) -> None:
    again = sh("exit 9", "attempt=2") + sh("grep -q '<<<<<<<' app.txt", "attempt=3")
    _conflict(fresh, again + file("app.txt", "theirs\nmine\n", "attempt=3"))
    assert fresh.standing(1) == ("done", None)
    assert fresh.reasons(1) == ["conflict", "failed"]
    assert fresh.repo.at("app.txt") == "theirs\nmine"


_STAGES = """\
version: 1
agent: scripted
stages: [{name: develop}, {name: polish}]
gates: [{name: sound, run: test ! -e broken}]
"""


@pytest.fixture
def staged(tmp_path: Path) -> Iterator[Scene]:
    it = Scene(tmp_path, _STAGES)
    yield it
    it.close()


def test_later_stage_without_new_changes_is_fine(staged: Scene) -> None:
    scene = staged
    scene.add(file("a.txt", "a\n", "stage=develop"))
    scene.add(sh("test -e b.txt && echo polished >> b.txt", "stage=polish")
              + file("b.txt", "b\n", "stage=develop"))  # fmt: skip
    scene.tick()
    assert scene.states() == {1: "done", 2: "done"}
    assert [run.stage for run in scene.runs(1)] == ["develop", "polish"]
    assert scene.repo.at("b.txt") == "b\npolished"
    assert len(scene.repo.landed()) == 3


def test_stage_after_a_resolved_conflict_works_on_what_was_resolved(staged: Scene) -> None:
    staged.add(
        file("app.txt", "mine\n", "stage=develop attempt=1")
        + hold_on("stage=polish attempt=1")
        + file("app.txt", "both\n", "stage=polish attempt=2")
    )

    def change() -> None:
        staged.repo.commit({"app.txt": "theirs\n"})
        staged.go_on(1)

    staged.tick(when=lambda: staged.working(1) and len(staged.runs(1)) == 2, do=change)
    assert staged.standing(1) == ("done", None)
    assert [(run.stage, run.attempt) for run in staged.runs(1)] == [
        ("develop", 1), ("polish", 1), ("polish", 2),
    ]  # fmt: skip
    assert staged.repo.at("app.txt") == "both"
