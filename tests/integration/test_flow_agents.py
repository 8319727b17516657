"""Agents that misbehave, and what they leave behind."""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sps.flow import setback
from sps.model.event import EventKind
from tests.integration.scene import Make, Scene, fail, file, scenes, sh

pytestmark = pytest.mark.needs("bwrap", "git")

_PIPELINE = """\
version: 1
agent: scripted
workers: 4
stages: [{name: develop, attempts: 2, timeout: 20s, idle_timeout: 2s}]
"""
_FALSE_STARTS = {"refuse": "refused", "flood": "flood", "hang": "idle-timeout"}
_OK = file("ok.txt", "ok\n")


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One card for each way to fail at the first attempt, worked off in one tick."""
    it = Scene(tmp_path_factory.mktemp("faulty"), _PIPELINE)
    for kind in _FALSE_STARTS:
        it.add(fail(kind, "attempt=1") + file(f"{kind}.txt", "ok\n", "attempt=2"))
    it.tick()
    yield it
    it.close()


@pytest.mark.parametrize("number", range(1, 4), ids=list(_FALSE_STARTS))
def test_misbehaviour_costs_an_attempt_and_the_next_one_may_do_better(
    faulty: Scene, number: int
) -> None:
    kind, reason = list(_FALSE_STARTS.items())[number - 1]
    assert faulty.standing(number) == ("done", None)
    assert faulty.reasons(number) == [reason]
    assert [run.outcome for run in faulty.runs(number)] == [reason, "ended"]
    assert faulty.repo.at(f"{kind}.txt") == "ok"


def test_misbehaving_agents_leave_no_process(faulty: Scene) -> None:
    assert faulty.orphans() == {}


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    with scenes(tmp_path, _PIPELINE) as build:
        yield build


@pytest.mark.parametrize("kind, reason", [("crash", "crashed"), ("garbage", "protocol")])
def test_broken_agent_is_a_setback_and_no_attempt_and_bounded(
    make: Make, monkeypatch: pytest.MonkeyPatch, kind: str, reason: str
) -> None:
    monkeypatch.setattr(setback, "SETBACKS", 1)
    scene = make()
    scene.add(fail(kind))
    scene.tick()
    card = scene.card(1)
    assert (card.state, card.reason, card.attempt) == ("needs_human", reason, 1)
    assert [run.attempt for run in scene.runs(1)] == [1, 1]
    assert scene.orphans() == {}


def test_crash_costs_no_attempt_and_is_forgotten_once_the_agent_works(make: Make) -> None:
    scene = make()
    scene.add(fail("crash"))

    def crashed() -> bool:
        return bool(scene.states()) and any(run.ended_at for run in scene.runs(1))

    def mend() -> None:
        path = scene.path(1)
        head = path.read_text().partition("```")[0]
        path.write_text(head + _OK)

    assert scene.tick(when=crashed, do=mend).finished
    assert {run.attempt for run in scene.runs(1)} == {1}
    assert [str(run.outcome) for run in scene.runs(1)][::len(scene.runs(1)) - 1] == [
        "crashed", "ended",
    ]  # fmt: skip
    assert scene.card(1).setbacks == 0


def test_agent_that_takes_too_long_is_ended_with_everything_it_started(make: Make) -> None:
    pipeline = _PIPELINE.replace("timeout: 20s, idle_timeout: 2s", "timeout: 1s")
    scene = make(pipeline.replace("attempts: 2", "attempts: 1"))
    scene.add(sh("setsid sleep 60 & echo half > half.txt; sleep 60"))
    scene.tick()
    assert scene.standing(1) == ("needs_human", "timeout")
    assert scene.orphans() == {}
    (run,) = scene.runs(1)
    assert scene.vault("show", f"refs/sps/runs/{run.id}/tip:half.txt") == "half"


_ID = "-c user.name=a -c user.email=a@example.com"
_MESS = f"""\
git {_ID} commit -q --allow-empty -m on-work
git checkout -qb elsewhere && echo e > e.txt && git add e.txt && git {_ID} commit -qm elsewhere
git checkout -q --detach && echo d > d.txt && git add d.txt && git {_ID} commit -qm detached
git checkout -q sps/work
echo r > r.txt && git add r.txt && git {_ID} commit -qm reset-away && git reset -q --hard HEAD~1
mkdir nested && cd nested && git init -q && echo deep > deep.txt && git add . \
&& git {_ID} commit -qm deep && cd ..
echo '*.cache' > .gitignore && echo kept > some.cache
echo u > u.txt
"""


def test_nothing_that_an_agent_produced_is_lost(make: Make) -> None:
    scene = make()
    scene.add(sh(_MESS))
    assert scene.tick().finished
    (run,) = scene.runs(1)
    refs = scene.vault("for-each-ref", "--format=%(refname)", "refs/sps").splitlines()
    mine = [ref for ref in refs if run.id in ref]
    assert any(ref.startswith("refs/sps/runs/") for ref in mine)
    assert any(ref.startswith("refs/sps/salvage/") for ref in mine)
    subjects = scene.vault("log", "--format=%s", *mine).splitlines()
    for subject in ("on-work", "elsewhere", "detached", "reset-away"):
        assert subject in subjects
    names = scene.vault("log", "--format=", "--name-only", "-m", *mine)
    salvaged = names + _archived(scene, mine)
    for name in ("u.txt", "e.txt", "d.txt", "r.txt", "some.cache", "nested/deep.txt"):
        assert name in salvaged, name
    assert scene.repo.at("u.txt") == "u"
    assert scene.repo.at("some.cache") is None
    (told,) = scene.events(1, EventKind.RUN_COLLECTED)
    assert told.payload["salvage"]


def _archived(scene: Scene, refs: list[str]) -> str:
    """Return the names inside whatever archives the salvage holds."""
    names: list[str] = []
    for ref in refs:
        git = f"--git-dir={scene.world.home.vault('p')}"
        listed = scene.vault("ls-tree", "-r", "--name-only", ref).splitlines()
        names += listed
        for path in listed:
            if path.endswith(".tar"):
                done = subprocess.run(
                    ["git", git, "cat-file", "blob", f"{ref}:{path}"],
                    check=True, capture_output=True,
                )  # fmt: skip
                with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
                    names += archive.getnames()
    return "\n".join(names)
