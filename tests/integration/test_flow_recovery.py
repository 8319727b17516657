"""What is broken stays where it is broken: one bad run, folder, file or disk stops nothing else."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sps.adapters.git_vault.vault import GitVault
from sps.flow import setback
from sps.flow.fallout import FALLOUT
from sps.flow.setback import Failure
from sps.model.errors import Absent, WorkFailed
from sps.model.event import EventKind
from sps.model.project import Project
from sps.model.run import Outcome
from sps.ports.agent import AgentJob, AgentListener, AgentReport
from sps.ports.store import Message, Writing
from sps.ports.vault import Collected, Workspace
from sps.services.move_card import drop_card, hold_card
from sps.services.verify import verify
from tests.integration.scene import PIPELINE, Repo, Scene, file, hold_on, sh, until

pytestmark = pytest.mark.needs("bwrap", "git")

_HALF = sh("echo half > half.txt; touch ready", "attempt=1") + hold_on() + file("a.txt", "a\n")
_ON_FAIL = PIPELINE + "on_fail: {label: stuck, halt: true}\n"
_STOP_S = 30


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    it = Scene(tmp_path)
    yield it
    it.close()


def _ready(scene: Scene) -> bool:
    return scene.working(1) and (Path(scene.runs(1)[-1].workspace) / "ready").exists()


def _killed_at_work(scene: Scene) -> None:
    """Let a tick of its own process die while the agent of card 1 works."""
    scene.add(_HALF)
    process = scene.process()
    try:
        until(lambda: _ready(scene), "the agent")
    finally:
        process.kill()
        process.wait(_STOP_S)


def _reasons(scene: Scene) -> list[str]:
    return scene.reasons(1) if scene.states() else []


def _sound(scene: Scene) -> list[str]:
    return [f"{v.invariant.value}: {v.detail}" for v in verify(scene.world).violations]


class _Vault(GitVault):
    """A vault that fails when it is told to."""

    fail: Callable[[], None] = staticmethod(lambda: None)

    def collect(  # type: ignore[override]
        self, project: Project, workspace: Workspace, run_id: str, message: str
    ) -> Collected:
        self.fail()
        return super().collect(project, workspace, run_id, message)


def _failing_vault(scene: Scene, err: Exception, times: int) -> None:
    left = [times]

    def fail() -> None:
        left[0] -= 1
        if left[0] >= 0:
            raise err

    vault = _Vault(scene.world.home)
    vault.fail = fail  # type: ignore[method-assign]
    scene.world.vault = vault


class _NoAgents:
    """Agents that cannot be held at all."""

    def __init__(self, err: Exception) -> None:
        self.err = err

    async def run(self, job: AgentJob, listener: AgentListener) -> AgentReport:
        raise self.err


def test_broken_pipeline_of_one_project_keeps_no_other_from_starting(
    scene: Scene, tmp_path: Path
) -> None:
    scene.project("q", Repo(tmp_path / "other").path)
    _killed_at_work(scene)
    scene.world.home.pipeline("p").write_text("version: [\n")
    scene.add(file("q.txt", "q\n"), project="q")
    assert scene.tick("q").finished
    (run,) = scene.runs(1)
    assert run.outcome is Outcome.INTERRUPTED
    assert scene.vault("show", f"refs/sps/runs/{run.id}/tip:half.txt") == "half"
    assert scene.card(1).state == "ready"


def test_lost_workspace_ends_its_run_and_the_card_goes_on_in_a_new_one(scene: Scene) -> None:
    _killed_at_work(scene)
    lost = Path(scene.runs(1)[0].workspace)
    shutil.rmtree(lost)

    def again() -> bool:
        return len(scene.runs(1)) == 2 and _ready(scene)

    assert scene.tick(when=again, do=lambda: scene.go_on(1)).finished
    first, second = scene.runs(1)
    assert (first.outcome, second.outcome) == (Outcome.INTERRUPTED, Outcome.ENDED)
    assert "workspace is gone" in first.detail
    (swept,) = scene.events(1, EventKind.RUN_SWEPT)
    assert "workspace is gone" in str(swept.payload["trouble"])
    assert second.workspace != str(lost)
    assert _sound(scene) == []


def test_agent_that_cannot_be_held_leaves_no_live_run(scene: Scene) -> None:
    scene.add(file("a.txt", "a\n"))
    scene.world.agents = _NoAgents(Absent("sandbox-missing", "there is no bwrap"))
    scene.tick()
    assert scene.standing(1) == ("needs_human", "sandbox-missing")
    (run,) = scene.runs(1)
    assert (run.outcome, run.detail) == (Outcome.MISSING, "there is no bwrap")
    assert _sound(scene) == []
    assert scene.world.vault.abandoned(_project(scene)) == []


def test_work_that_cannot_be_collected_at_first_is_not_done_twice(scene: Scene) -> None:
    _failing_vault(scene, WorkFailed("git-failed", "git was in a bad mood"), 1)
    scene.add(file("a.txt", "a\n"))
    assert scene.tick().finished
    (run,) = scene.runs(1)
    assert run.outcome is Outcome.ENDED
    assert scene.reasons(1) == ["git-failed"]


def test_full_disk_costs_a_card_nothing_but_time(scene: Scene) -> None:
    _failing_vault(scene, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), 1)
    scene.add(file("a.txt", "a\n"))
    scene.tick(when=lambda: _reasons(scene), do=lambda: hold_card(scene.world, "p", 1))
    (parked,) = [e for e in scene.events(1, EventKind.CARD_MOVED) if e.payload["verb"] == "park"]
    assert (parked.payload["to"], parked.payload["reason"]) == ("ready", "disk-full")
    assert scene.card(1).setbacks == 0


def test_git_without_room_is_a_full_disk(scene: Scene) -> None:
    says = "git-failed: write error: No space left on device"
    _failing_vault(scene, WorkFailed("git-failed", says), 1)
    scene.add(file("a.txt", "a\n"))
    scene.tick(when=lambda: _reasons(scene), do=lambda: hold_card(scene.world, "p", 1))
    assert scene.reasons(1)[0] == "disk-full"


def test_report_counts_though_what_led_to_it_could_not_be_written_down(scene: Scene) -> None:
    scene.add(sh("echo a > a.txt"))
    store = scene.world.store
    write, refused = store.write, []

    def picky(change: Callable[[Writing], object]) -> object:
        if "_apply" in repr(change) or "_take_message" in repr(change):
            refused.append(change)
            raise Absent("disk-full", "no room for the database")
        return write(change)

    store.write = picky  # type: ignore[method-assign,assignment]
    store_read = store.read(lambda tx: tx.projects())
    assert store_read
    assert scene.tick().finished
    assert refused
    assert scene.repo.at("a.txt") == "a"


def test_workspace_without_a_run_is_given_back_at_once(scene: Scene) -> None:
    scene.add(file("a.txt", "a\n"))
    runs = scene.world.home.run("p", "x").parent
    runs.mkdir(parents=True, exist_ok=True)
    runs.chmod(0o500)
    if os.access(runs, os.W_OK):  # root may write anywhere: put a file in the way
        runs.rmdir()
        runs.write_text("in the way")

    def mend() -> None:
        assert scene.world.vault.abandoned(_project(scene)) == []
        if runs.is_file():
            runs.unlink()
        else:
            runs.chmod(0o700)

    assert scene.tick(when=lambda: _reasons(scene), do=mend).finished
    assert len(scene.runs(1)) == 1
    pool = scene.world.vault.pool_path(_project(scene))
    assert '"state":"clone"' not in "".join(p.read_text() for p in pool.glob(".slots/*.json"))


def _project(scene: Scene) -> Project:
    project = scene.world.store.read(lambda tx: tx.project("p"))
    assert project is not None
    return project


def _owed(scene: Scene) -> list[Message]:
    return scene.world.store.read(lambda tx: tx.outbox(kind=FALLOUT))


def test_card_that_cannot_be_admitted_stops_the_project_when_the_pipeline_says_so(
    tmp_path: Path,
) -> None:
    scene = Scene(tmp_path, _ON_FAIL)
    scene.add(file("a.txt", "a\n"), skills=("no-such-skill",))
    scene.add(file("b.txt", "b\n"))
    scene.tick()
    assert scene.standing(1) == ("needs_human", "unknown-skill")
    assert scene.halted() == "card-failed"
    assert scene.runs(2) == []
    assert "stuck" in scene.path(1).read_text()
    assert _owed(scene) == []
    drop_card(scene.world, "p", 1)
    assert scene.tick().finished
    scene.close()


def test_fallout_survives_a_death_after_the_card_was_handed_over(tmp_path: Path) -> None:
    scene = Scene(tmp_path, _ON_FAIL)
    scene.add(file("a.txt", "a\n"), hold=True)
    scene.tick()
    card = scene.card(1)

    asyncio.run(setback.block(scene.world, card, Failure(reason="defect", detail="x")))
    assert len(_owed(scene)) == 1
    scene.tick()
    assert scene.halted() == "card-failed"
    assert _owed(scene) == []
    scene.close()


def test_fallout_waits_for_a_pipeline_that_can_be_read(tmp_path: Path) -> None:
    scene = Scene(tmp_path, _ON_FAIL)
    scene.add(file("a.txt", "a\n"), skills=("no-such-skill",))
    pipeline = scene.world.home.pipeline("p")
    text = pipeline.read_text()
    pipeline.write_text("version: [\n")
    scene.tick()
    assert scene.halted() == "pipeline-broken"
    assert len(_owed(scene)) == 1
    pipeline.write_text(text)
    scene.tick()
    assert scene.halted() == "card-failed"
    assert _owed(scene) == []
    scene.close()


_MOODY = PIPELINE.replace("test ! -e broken", "test ! -e MOOD") + "sandbox: none\n"


def test_red_target_is_green_again_when_its_gate_passes_once_more(tmp_path: Path) -> None:
    mood = tmp_path / "mood"
    scene = Scene(tmp_path / "scene", _MOODY.replace("MOOD", str(mood)))
    mood.touch()
    scene.add(file("a.txt", "a\n"))
    scene.tick()
    assert scene.halted() == "base-red"
    scene.tick()
    assert scene.halted() == "base-red"
    mood.unlink()
    assert scene.tick().finished
    assert scene.halted() is None
    assert len(scene.runs(1)) == 1
    scene.close()


def test_gate_that_takes_too_long_on_the_target_says_nothing_about_the_target(
    tmp_path: Path,
) -> None:
    slow = PIPELINE.replace("run: test ! -e broken", "timeout: 1s, run: sleep 5")
    scene = Scene(tmp_path, slow)
    scene.add(file("a.txt", "a\n"))
    scene.tick(
        when=lambda: "gate-not-run" in _reasons(scene),
        do=lambda: drop_card(scene.world, "p", 1),
    )
    assert scene.halted() is None
    assert len(scene.runs(1)) == 1
    scene.close()
