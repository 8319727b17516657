"""The workers' page and its twin."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sps.bootstrap import Wired
from sps.lib import proctree
from sps.lib.lock import FileLock
from sps.model.access import Role
from sps.model.card import CardState
from sps.model.run import Run, RunKind
from sps.services.settings import number
from tests.fakes.small_world import card_in, small_world
from tests.integration.console_scene import console_scene


def run_of(world: Wired, *, pid: int = 0) -> Run:
    card = card_in(world, CardState.RUNNING)
    run = Run(
        id="RUN1", card_id=card.id, project="demo", generation=card.generation, stage="develop",
        attempt=1, kind=RunKind.WORK, agent="scripted", worker="local", workspace="",
        started_at=world.clock.now(), pid=pid,
        pid_started=proctree.start_time(pid) if pid else 0,
    )  # fmt: skip
    world.store.write(lambda tx: tx.start_run(run))
    return run


@pytest.fixture
def world(tmp_path: Path) -> Wired:
    return small_world(tmp_path / "home")


def later(world: Wired, seconds: float) -> None:
    world.clock.set_wall(world.clock.now() + round(seconds * 1000))  # type: ignore[attr-defined]


def wrote(world: Wired, run: Run, text: str, *, ago_s: float) -> None:
    folder = world.home.run("demo", run.id)
    folder.mkdir(parents=True)
    (folder / "transcript.jsonl").write_text(text)
    at = world.clock.now() / 1000 - ago_s
    os.utime(folder / "transcript.jsonl", (at, at))


def test_slots_say_who_works_and_what_it_uses(world: Wired, tmp_path: Path) -> None:
    run_of(world, pid=os.getpid())
    with console_scene(tmp_path, world) as scene:
        found = scene.program(Role.VIEWER).get("/api/v1/workers").json
    assert (found["used"], found["most"]) == (1, 3)
    [one] = found["projects"]
    assert (one["project"], one["used"], one["most"], one["halted"]) == ("demo", 1, 3, "")
    (run,) = found["runs"]
    assert (run["agent"], run["stage"], run["cut_off"]) == ("scripted", "develop", True)


def test_a_silent_run_is_stuck_and_shows_its_newest_lines(world: Wired, tmp_path: Path) -> None:
    run = run_of(world, pid=os.getpid())
    hostile = '{"at":1,"type":"said","text":"<script>alert(1)</script> last words"}\n'
    wrote(world, run, hostile, ago_s=number(world, "agents.silent") + 5)
    later(world, number(world, "agents.silent") + 5)
    lock = FileLock(world.home.lock)
    assert lock.take("a test")
    with console_scene(tmp_path, world) as scene:
        page = scene.client(Role.OPERATOR).get("/workers")
        found = scene.program().get("/api/v1/workers").json
    lock.release()
    (told,) = found["runs"]
    assert told["stuck"]
    assert told["rss_bytes"] > 0
    assert told["lines"] == ["said: <script>alert(1)</script> last words"]
    assert "Stuck" in page.text
    assert "&lt;script&gt;" in page.text
    assert "<script>alert" not in page.text


def test_only_an_operator_stops_a_run(world: Wired, tmp_path: Path) -> None:
    run_of(world)
    with console_scene(tmp_path, world) as scene:
        assert scene.client(Role.VIEWER).post_form("/workers/RUN1/stop").status == 403
        done = scene.client(Role.OPERATOR).post_form("/workers/RUN1/stop")
        assert done.status == 303, done.text
        assert (done.status, done.headers["location"]) == (303, "/workers")
        unknown = scene.program().post_json("/api/v1/workers/RUN9/stop", {})
        assert (unknown.status, unknown.json["code"]) == (404, "unknown-run")
    assert [one.kind for one in world.store.read(lambda tx: tx.outbox())] == ["cancel"]
