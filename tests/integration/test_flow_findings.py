"""What no gate can be trusted to judge is held or refused; a red target stops the project."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from sps.model.event import EventKind
from sps.services.decide_card import approve_card
from tests.integration.scene import Make, Scene, file, scenes, sh

pytestmark = pytest.mark.needs("bwrap", "git")

_TEST = """\
def test_one():
    assert 1 == 1
    assert 2 == 2
"""
_FILES = {
    "app.txt": "one\n",
    "tests/test_one.py": _TEST,
    "tests/test_two.py": _TEST,
    "pytest.ini": "[pytest]\n",
    "check.sh": "#!/bin/sh\ntest ! -e broken\n",
}
_PIPELINE = """\
version: 1
agent: scripted
workers: 4
stages: [{name: develop, attempts: 2}]
gates: [{name: check, run: sh check.sh}]
"""
_HELD = {
    "ci-edited": file(".github/workflows/ci.yml", "on: push\n"),
    "gate-edited": file("check.sh", "true\n"),
    "test-deleted": sh("rm tests/test_one.py"),
    "test-skipped": sh("sed -i '1i import pytest\\n@pytest.mark.skip' tests/test_one.py"),
    "test-weakened": sh("sed -i '/2 == 2/d' tests/test_two.py"),
    "symlink": sh("ln -s /etc/passwd link"),
}


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One card for each finding, worked off in one tick."""
    it = Scene(tmp_path_factory.mktemp("held"), _PIPELINE, _FILES)
    for body in _HELD.values():
        it.add(body)
    it.tick()
    yield it
    it.close()


@pytest.mark.parametrize("number", range(1, len(_HELD) + 1), ids=list(_HELD))
def test_change_of_what_judges_it_waits_for_a_person(held: Scene, number: int) -> None:
    reason = list(_HELD)[number - 1]
    assert held.standing(number) == ("needs_human", reason)
    (told,) = held.events(number, EventKind.GATE_HELD)
    assert reason in {finding["code"] for finding in told.payload["findings"]}
    assert held.events(number, EventKind.GATE_RAN) == []
    assert len(held.runs(number)) == 1


def test_nothing_that_is_held_has_landed(held: Scene) -> None:
    assert held.repo.landed() == ["start"]
    assert held.repo.git("status", "--porcelain") == ""


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    with scenes(tmp_path, _PIPELINE, _FILES) as build:
        yield build


def test_held_change_lands_after_its_owner_accepted_it(make: Make) -> None:
    scene = make()
    scene.add(_HELD["ci-edited"])
    scene.tick()
    approve_card(scene.world, "p", 1)
    assert scene.tick().finished
    assert len(scene.runs(1)) == 1
    assert len(scene.events(1, EventKind.GATE_RAN)) == 1


_SECRET = "AKIA" + "ABCDEFGHIJKLMNOP"
_LEAK = "printf 'key = AKIA%s\\n' ABCDEFGHIJKLMNOP"


def _everything_told(scene: Scene) -> bytes:
    events = msgspec.json.encode([event.payload for event in scene.all_events()])
    cards = msgspec.json.encode([scene.card(seq) for seq in scene.states()])
    log = scene.world.home.log
    return events + cards + (log.read_bytes() if log.exists() else b"")


def test_secret_is_fed_back_and_never_lands_or_is_told(make: Make) -> None:
    scene = make()
    scene.add(sh(f"{_LEAK} > config.txt", "attempt=1") + sh("echo clean > config.txt", "attempt=2"))
    scene.add(sh(f"{_LEAK} > other.txt"))
    scene.tick()
    assert scene.standing(1) == ("done", None)
    assert scene.reasons(1) == ["secret"]
    assert "config.txt:1" in scene.prompt(scene.runs(1)[1])
    assert scene.repo.at("config.txt") == "clean"
    assert _SECRET not in scene.repo.git("log", "-p", "--all", "--format=%B")
    assert scene.standing(2) == ("needs_human", "secret")
    assert scene.repo.at("other.txt") is None
    assert _SECRET.encode() not in _everything_told(scene)


def test_secret_never_reaches_the_history_of_the_target(make: Make) -> None:
    scene = make()
    commit = "git -c user.name=a -c user.email=a@example.com commit -qam step"
    scene.add(sh(f"{_LEAK} > config.txt; git add -A; {commit}; echo x > config.txt; {commit}"))
    scene.add(sh(f'echo y > other.txt; git add -A; {commit} -m "$({_LEAK})"'))
    scene.add(sh(f"git -c user.name=\"$({_LEAK})\" -c user.email=a@example.com commit -q"
                 " --allow-empty -m step; echo z > third.txt"))  # fmt: skip
    scene.tick()
    assert {scene.standing(seq) for seq in (1, 2, 3)} == {("needs_human", "secret")}
    assert _SECRET not in scene.repo.git("log", "-p", "--all", "--format=%B")
    assert _SECRET.encode() not in _everything_told(scene)


def test_gate_that_is_red_on_the_target_stops_the_project_and_not_the_cards(make: Make) -> None:
    scene = make()
    scene.repo.commit({"broken": "by the owner\n"})
    scene.add(file("one.txt", "one\n"))
    scene.add(file("two.txt", "two\n"))
    board = scene.tick()
    assert (board.finished, board.halted) == (False, ("p",))
    assert scene.halted() == "base-red"
    assert {scene.card(seq).reason for seq in (1, 2)} <= {"base-red", None}
    assert all(scene.card(seq).attempt <= 1 for seq in (1, 2))
    assert scene.repo.landed() == ["start", "by the owner"]
    assert scene.tick().finished is False
    scene.repo.git("rm", "-q", "broken")
    scene.repo.commit({}, "mended")
    assert scene.tick().finished
    assert scene.halted() is None
    assert [len(scene.runs(seq)) for seq in (1, 2)] == [1, 1]
    kinds = [event.kind for event in scene.all_events()]
    assert kinds.count(EventKind.PROJECT_HALTED) == kinds.count(EventKind.PROJECT_RESUMED) == 1
