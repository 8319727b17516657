"""What every engine promises: the port's promises, run against each adapter."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from sps.adapters.engine_dbos import DbosEngine
from sps.adapters.engine_journal import JournalEngine
from sps.lib import process
from sps.lib.proctree import start_time
from sps.model.errors import Absent, Held, Misuse, WorkFailed
from sps.ports.engine import Engine, Steps
from tests.fakes.engine_life import KINDS, Lives, lives
from tests.fakes.postgres_server import drop_database

ROOT = Path(__file__).parents[2]
PROGRAM = "tests.fakes.engine_life"


def _each(*kinds: str) -> list[ParameterSet]:
    needs = {kind: (pytest.mark.needs("postgres"),) for kind in kinds if "postgres" in kind}
    return [pytest.param(kind, marks=needs.get(kind, ())) for kind in kinds]


@pytest.fixture(params=_each(*KINDS))
def kind(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The kind of an engine, with a server where it needs one."""
    shared = "postgres" in request.param
    if shared:
        request.getfixturevalue("postgres")
    yield str(request.param)
    if shared:
        drop_database(tmp_path)


@pytest.fixture
def world(kind: str, tmp_path: Path) -> Iterator[Lives]:
    with lives(kind, tmp_path) as world:
        yield world


@pytest.fixture
def dbos(tmp_path: Path) -> Lives:
    return Lives("dbos", tmp_path)


class Record:
    """A workflow that notes what it does: `steps` in order, holding where `hold` says."""

    def __init__(self, *steps: str, hold: str = "") -> None:
        self.ran: list[str] = []
        self.ended: list[str] = []
        self.results: dict[str, str] = {}
        self.held = asyncio.Event()
        self.release = asyncio.Event()
        self._steps = steps
        self._hold = hold

    async def __call__(self, steps: Steps) -> None:
        try:
            for name in self._steps:
                self.results[name] = await steps.run(name, lambda name=name: self._effect(name))
        finally:
            self.ended.append(steps.workflow_id)

    async def _effect(self, name: str) -> str:
        self.ran.append(name)
        if name == self._hold:
            self.held.set()
            await self.release.wait()
        return json.dumps({"step": name, "time": len(self.ran)})


async def _finish(engine: Engine, workflow_id: str) -> None:
    """Run to the end, whether the engine took it up by itself or has to be told."""
    await engine.submit(workflow_id)
    await engine.wait(workflow_id)


def _child(world: Lives, *, executor: str = "one", **env: str) -> subprocess.CompletedProcess[str]:
    """Run one life of the workflow `card:1` in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", PROGRAM, world.kind, world.folder, executor, "card:1"],
        cwd=ROOT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _effects(world: Lives) -> list[str]:
    return (world.folder / "effects").read_text(encoding="ascii").splitlines()


# --- starting -------------------------------------------------------------------------------------


def test_workflow_starts_at_once_and_no_time_has_to_pass(world: Lives) -> None:
    async def scenario() -> None:
        record = Record("a", "b")
        async with world.life(record) as engine:
            assert await engine.submit("card:1")
            await engine.wait("card:1")
            assert record.ran == ["a", "b"]
            assert engine.running() == frozenset()
        assert world.clock.steady() == 0

    asyncio.run(scenario())


def test_same_id_runs_once_while_running_and_not_again_when_finished(world: Lives) -> None:
    async def scenario() -> None:
        record = Record("a", hold="a")
        async with world.life(record) as engine:
            answers = await asyncio.gather(*(engine.submit("card:1") for _ in range(5)))
            assert sorted(answers) == [False, False, False, False, True]
            await record.held.wait()
            assert engine.running() == {"card:1"}
            assert not await engine.submit("card:1")
            record.release.set()
            await engine.wait("card:1")
            assert not await engine.submit("card:1")
        async with world.life(record) as engine:
            assert not await engine.submit("card:1")
            await engine.wait("card:1")
        assert record.ended == ["card:1"]

    asyncio.run(scenario())


def test_new_attempt_is_a_new_id_and_runs_every_step(world: Lives) -> None:
    async def scenario() -> None:
        record = Record("a")
        async with world.life(record) as engine:
            for attempt in (1, 2, 3):
                await _finish(engine, f"card:{attempt}")
        assert record.ran == ["a", "a", "a"]

    asyncio.run(scenario())


def test_hundred_workflows_run_at_the_same_time(world: Lives) -> None:
    async def scenario() -> None:
        inside: set[str] = set()
        full = asyncio.Event()

        async def workflow(steps: Steps) -> None:
            async def meet() -> str:
                inside.add(steps.workflow_id)
                if len(inside) == 100:
                    full.set()
                await full.wait()
                return steps.workflow_id

            assert await steps.run("meet", meet) == steps.workflow_id

        async with world.life(workflow) as engine:
            ids = [f"card-{number}:1" for number in range(100)]
            assert all([await engine.submit(each) for each in ids])
            await asyncio.gather(*(engine.wait(each) for each in ids))
            assert engine.running() == frozenset()

    asyncio.run(scenario())


def test_blocked_body_holds_no_other_back_so_one_that_waits_for_a_person_just_ends(
    world: Lives,
) -> None:
    async def scenario() -> None:
        blocked = Record("ask", hold="ask")
        others = Record("work")

        async def workflow(steps: Steps) -> None:
            await (blocked if steps.workflow_id == "blocked:1" else others)(steps)

        async with world.life(workflow) as engine:
            await engine.submit("blocked:1")
            await blocked.held.wait()
            for number in range(10):
                await _finish(engine, f"card-{number}:1")
            assert engine.running() == {"blocked:1"}
            # A person's answer starts the next workflow; nothing was kept open for it.
            await engine.cancel("blocked:1")
            await _finish(engine, "answered:2")
        assert len(others.ended) == 11

    asyncio.run(scenario())


def test_submit_before_start_and_after_stop_says_that_the_engine_does_not_run(
    world: Lives,
) -> None:
    async def scenario() -> None:
        with pytest.raises(Absent):
            await world.engine().submit("card:1")
        async with world.life(Record("a")) as engine:
            pass
        with pytest.raises(Absent):
            await engine.submit("card:1")
        assert not await engine.cancel("card:1")
        await engine.stop()

    asyncio.run(scenario())


# --- steps ----------------------------------------------------------------------------------------


def test_recorded_steps_are_not_repeated_after_a_restart_and_the_cut_off_one_is(
    world: Lives,
) -> None:
    async def scenario() -> None:
        first = Record("a", "b", "c", hold="b")
        async with world.life(first) as engine:
            await engine.submit("card:1")
            await first.held.wait()
        assert first.ended == ["card:1"]
        second = Record("a", "b", "c")
        async with world.life(second) as engine:
            await _finish(engine, "card:1")
            assert not await engine.submit("card:1")
        assert second.ran == ["b", "c"]
        assert second.results["a"] == first.results["a"]

    asyncio.run(scenario())


def test_step_of_the_same_name_is_run_once(world: Lives) -> None:
    async def scenario() -> None:
        record = Record("a", "a")
        async with world.life(record) as engine:
            await _finish(engine, "card:1")
        assert record.ran == ["a"]

    asyncio.run(scenario())


@pytest.mark.parametrize("name,result,error", [("", "text", Misuse), ("a", {"a": 1}, TypeError)])
def test_step_without_a_name_and_result_that_is_no_text_are_refused(
    world: Lives, name: str, result: str, error: type[Exception]
) -> None:
    async def scenario() -> None:
        async def body() -> str:
            return result

        async def workflow(steps: Steps) -> None:
            await steps.run(name, body)

        async with world.life(workflow) as engine:
            await engine.submit("card:1")
            with pytest.raises(error):
                await engine.wait("card:1")

    asyncio.run(scenario())


@pytest.mark.parametrize("kind", _each(*KINDS[1:]), indirect=True)
def test_step_killed_between_effect_and_record_runs_again(kind: str, tmp_path: Path) -> None:
    world = Lives(kind, tmp_path)
    killed = _child(world, SPS_KILL_AT="step-before-record:2")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert _effects(world) == ["one first", "one second"]
    again = _child(world)
    assert again.returncode == 0, again.stderr
    assert _effects(world) == ["one first", "one second", "one second"]


@pytest.mark.parametrize("kind", _each(*KINDS[1:]), indirect=True)
def test_step_killed_after_its_record_does_not_run_again(kind: str, tmp_path: Path) -> None:
    world = Lives(kind, tmp_path)
    killed = _child(world, SPS_KILL_AT="step-after-record:2")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    again = _child(world)
    assert again.returncode == 0, again.stderr
    assert _effects(world) == ["one first", "one second"]


def test_forgotten_workflow_leaves_nothing_and_its_id_runs_anew(world: Lives) -> None:
    async def scenario() -> None:
        record = Record("a", hold="a")
        async with world.life(record) as engine:
            assert isinstance(engine, JournalEngine | DbosEngine)
            await engine.submit("card:1")
            await record.held.wait()
            with pytest.raises(Held):
                await engine.forget("card:1")
            record.release.set()
            await engine.wait("card:1")
            await engine.forget("card:1")
            await engine.forget("card:unknown")
            assert await engine.submit("card:1")
            await engine.wait("card:1")
        assert record.ran == ["a", "a"]

    asyncio.run(scenario())


# --- ending ---------------------------------------------------------------------------------------


def test_cancel_returns_after_the_finally_blocks_and_the_child_process_is_dead(
    world: Lives,
) -> None:
    async def scenario() -> None:
        pids: list[int] = []
        spawned = asyncio.Event()
        cleaned: list[str] = []

        async def agent() -> str:
            child = await process.spawn(["sleep", "600"], env=dict(os.environ), cwd=None)
            pids.append(child.pid)
            spawned.set()
            try:
                await child.wait()
            finally:
                await process.end(child)
                await asyncio.sleep(0.01)
                cleaned.append("agent")
            return "ended"

        async def workflow(steps: Steps) -> None:
            try:
                await steps.run("agent", agent)
            finally:
                await asyncio.sleep(0.01)
                cleaned.append("workflow")

        async with world.life(workflow) as engine:
            await engine.submit("card:1")
            await spawned.wait()
            assert start_time(pids[0])
            # Two at once: the second must not break into what the first one's finally does.
            answers = await asyncio.gather(engine.cancel("card:1"), engine.cancel("card:1"))
            assert answers == [True, True]
            assert cleaned == ["agent", "workflow"]
            assert not start_time(pids[0])
            assert engine.running() == frozenset()
            await engine.wait("card:1")
            assert not await engine.cancel("card:1")

    asyncio.run(scenario())


def test_cancel_interrupts_a_body_that_waits_outside_a_step(world: Lives) -> None:
    async def scenario() -> None:
        waits = asyncio.Event()

        async def workflow(steps: Steps) -> None:
            waits.set()
            await asyncio.Event().wait()

        async with world.life(workflow) as engine:
            await engine.submit("card:1")
            await waits.wait()
            assert await engine.cancel("card:1")

    asyncio.run(scenario())


def test_cancelled_workflow_stays_down_until_it_is_submitted_again(world: Lives) -> None:
    async def scenario() -> None:
        record = Record("a", "b", hold="b")
        async with world.life(record) as engine:
            await engine.submit("card:1")
            await record.held.wait()
            await engine.cancel("card:1")
        record.release.set()
        async with world.life(record) as engine:
            assert engine.running() == frozenset()
            assert await engine.submit("card:1")
            assert not await engine.submit("card:1")
            await engine.wait("card:1")
        assert record.ran == ["a", "b", "b"]

    asyncio.run(scenario())


def test_body_that_ignores_its_cancellation_is_reported_and_still_counts_as_running(
    world: Lives,
) -> None:
    async def scenario() -> None:
        held, release = asyncio.Event(), asyncio.Event()

        async def workflow(steps: Steps) -> None:
            held.set()
            while not release.is_set():
                try:
                    await release.wait()
                except asyncio.CancelledError:
                    continue

        async with world.life(workflow) as engine:
            await engine.submit("card:1")
            await held.wait()
            cancelling = asyncio.create_task(engine.cancel("card:1"))
            await world.clock.until_sleeping(1)
            await world.clock.advance(29)
            assert not cancelling.done()
            await world.clock.advance(1)
            with pytest.raises(WorkFailed):
                await cancelling
            assert engine.running() == {"card:1"}
            release.set()
            await engine.wait("card:1")

    asyncio.run(scenario())


def test_exception_surfaces_in_wait_also_later_and_is_logged_once(
    world: Lives, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        record = Record("a", hold="a")

        async def workflow(steps: Steps) -> None:
            await record(steps)
            raise LookupError("no such thing")

        async with world.life(workflow) as engine:
            await engine.submit("card:1")
            waiting = asyncio.create_task(engine.wait("card:1"))
            await record.held.wait()
            record.release.set()
            for attempt in (waiting, engine.wait("card:1")):
                with pytest.raises(LookupError, match="no such thing"):
                    await attempt
            assert engine.running() == frozenset()
            await engine.wait("card:2")

    asyncio.run(scenario())
    failures = [line for line in caplog.records if line.msg == "workflow failed"]
    assert [line.workflow for line in failures] == ["card:1"]


def test_failed_step_is_not_recorded_and_a_failed_workflow_may_go_on(world: Lives) -> None:
    async def scenario() -> None:
        broken = [True]
        ran: list[str] = []

        async def effect() -> str:
            ran.append("b")
            if broken[0]:
                raise OSError("disk full")
            return "ok"

        async def workflow(steps: Steps) -> None:
            await Record("a")(steps)
            await steps.run("b", effect)

        async with world.life(workflow) as engine:
            await engine.submit("card:1")
            with pytest.raises(OSError, match="disk full"):
                await engine.wait("card:1")
            broken[0] = False
            assert await engine.submit("card:1")
            await engine.wait("card:1")
        assert ran == ["b", "b"]

    asyncio.run(scenario())


def test_failed_step_may_be_caught_and_the_workflow_finishes(world: Lives) -> None:
    async def scenario() -> None:
        async def effect() -> str:
            raise OSError("disk full")

        async def workflow(steps: Steps) -> None:
            with pytest.raises(OSError, match="disk full"):
                await steps.run("a", effect)

        async with world.life(workflow) as engine:
            await _finish(engine, "card:1")
            assert not await engine.submit("card:1")

    asyncio.run(scenario())


def test_stop_cancels_all_and_leaves_them_to_a_later_life(world: Lives) -> None:
    async def scenario() -> None:
        ids = {f"card-{number}:1" for number in range(3)}
        holding: set[str] = set()
        done: list[str] = []
        full = asyncio.Event()

        async def hold(steps: Steps) -> None:
            holding.add(steps.workflow_id)
            if holding == ids:
                full.set()
            await asyncio.Event().wait()

        async with world.life(hold) as engine:
            for each in ids:
                await engine.submit(each)
            await full.wait()
        assert engine.running() == frozenset()

        async def end(steps: Steps) -> None:
            done.append(steps.workflow_id)

        async with world.life(end) as engine:
            await asyncio.gather(*(_finish(engine, each) for each in ids))
        assert sorted(done) == sorted(ids)

    asyncio.run(scenario())


# --- DBOS only ------------------------------------------------------------------------------------


def test_dbos_stores_portable_json_and_keeps_its_file_to_the_owner(dbos: Lives) -> None:
    async def scenario() -> None:
        async with dbos.life(Record("a")) as engine:
            await _finish(engine, "card:1")

    asyncio.run(scenario())
    path = dbos.folder / "engine.db"
    assert path.stat().st_mode & 0o777 == 0o600
    rows = sqlite3.connect(path)
    try:
        assert rows.execute("pragma journal_mode").fetchone() == ("wal",)
        forms = rows.execute(
            "select serialization from workflow_status"
            " union all select serialization from operation_outputs"
        ).fetchall()
        [[inputs]] = rows.execute("select inputs from workflow_input").fetchall()
        [[output]] = rows.execute("select output from workflow_output").fetchall()
        [[step, name]] = rows.execute(
            "select output, function_name from operation_outputs"
        ).fetchall()
    finally:
        rows.close()
    assert forms == [("portable_json",), ("portable_json",)]
    assert json.loads(inputs)["positionalArgs"] == ["card:1"]
    assert json.loads(output) is None
    assert name == "a"
    assert json.loads(json.loads(step)) == {"step": "a", "time": 1}


def test_dbos_database_that_cannot_be_opened_is_named_and_holds_nothing(dbos: Lives) -> None:
    async def scenario() -> None:
        path = dbos.folder / "engine.db"
        path.write_bytes(b"this is no database, and long enough to be read as one" * 100)
        with pytest.raises(Absent, match=r"cannot be opened"):
            await dbos.engine().start(Record("a"))
        path.unlink()
        async with dbos.life(Record("a")) as engine:
            await _finish(engine, "card:1")

    asyncio.run(scenario())


def test_dbos_is_imported_by_starting_only() -> None:
    check = "any(name in sys.modules for name in ('dbos', 'sqlalchemy'))"
    code = f"import sys, sps.adapters.engine_dbos; sys.exit({check})"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=60, check=True)


def test_dbos_executor_takes_up_its_own_work_only(dbos: Lives) -> None:
    async def scenario() -> None:
        mine = Record("first")
        async with dbos.life(mine, "two") as engine:
            assert engine.running() == frozenset()
            assert not await engine.submit("card:1")
            # The owner comes back while this one lives and looks for work too.
            again = await asyncio.to_thread(_child, dbos, executor="one")
            assert again.returncode == 0, again.stderr
        assert mine.ran == []

    assert _child(dbos, SPS_KILL_AT="step-after-record").returncode == -signal.SIGKILL
    asyncio.run(scenario())
    assert _effects(dbos) == ["one first", "one second"]
