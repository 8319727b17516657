"""The traps of durable engines that were found by experiment, one test each.

Letters and numbers are those of the engine study: 2a to 2e are crash recovery and take-over, 3 is
versions, 4 long steps.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sps.lib.proctree import start_time
from sps.model.errors import Held
from sps.ports.engine import Engine, Steps
from tests.fakes.engine_life import LOCAL, Lives, lives

ROOT = Path(__file__).parents[2]
PROGRAM = "tests.fakes.engine_life"


@pytest.fixture(params=LOCAL)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Lives]:
    with lives(request.param, tmp_path) as world:
        yield world


@pytest.fixture
def dbos(tmp_path: Path) -> Lives:
    return Lives("dbos", tmp_path)


class Holding:
    """A workflow of one step that ends only when it is told to; counts how many are inside."""

    def __init__(self) -> None:
        self.inside = 0
        self.most = 0
        self.began = 0
        self.held = asyncio.Event()
        self.again = asyncio.Event()
        self.release = asyncio.Event()

    async def __call__(self, steps: Steps) -> None:
        await steps.run("hold", self._hold)

    async def _hold(self) -> str:
        self.began += 1
        if self.began == 2:
            self.again.set()
        self.inside += 1
        self.most = max(self.most, self.inside)
        self.held.set()
        try:
            await self.release.wait()
        finally:
            self.inside -= 1
        return "released"


async def _finish(engine: Engine, workflow_id: str) -> None:
    await engine.submit(workflow_id)
    await engine.wait(workflow_id)


async def _in_order(steps: Steps, *names: str) -> list[str]:
    """Run steps that do nothing, and return those that were not recorded before."""
    ran: list[str] = []

    async def effect(name: str) -> str:
        ran.append(name)
        return name

    for name in names:
        await steps.run(name, lambda name=name: effect(name))
    return ran


def _change(world: Lives, statement: str) -> int:
    database = sqlite3.connect(world.folder / "engine.db", isolation_level=None)
    try:
        return database.execute(statement).rowcount
    finally:
        database.close()


def test_trap_2a_many_crashes_are_no_dead_letter_because_the_engine_counts_no_attempts(
    dbos: Lives,
) -> None:
    async def scenario() -> None:
        work = Holding()
        async with dbos.life(work) as engine:
            await engine.submit("card:1")
            await work.held.wait()
        assert _change(dbos, "update workflow_status set recovery_attempts = 100000") == 1
        work.release.set()
        async with dbos.life(work) as engine:
            await _finish(engine, "card:1")
            assert not await engine.submit("card:1")
        assert work.began == 2

    asyncio.run(scenario())


def test_trap_2a_every_life_goes_on_however_many_were_cut_off(world: Lives) -> None:
    async def scenario() -> None:
        work = Holding()
        for _ in range(3 if world.kind == "dbos" else 20):
            work.held.clear()
            async with world.life(work) as engine:
                await engine.submit("card:1")
                await work.held.wait()
        work.release.set()
        async with world.life(work) as engine:
            await _finish(engine, "card:1")
        assert work.inside == 0

    asyncio.run(scenario())


def test_trap_2b_nothing_moves_off_a_dead_executor_but_a_new_attempt_runs_elsewhere(
    dbos: Lives,
) -> None:
    async def scenario() -> None:
        work = Holding()
        async with dbos.life(work, "dead") as engine:
            await engine.submit("card:1")
            await work.held.wait()
        work.release.set()
        async with dbos.life(work, "alive") as engine:
            assert not await engine.submit("card:1")
            assert engine.running() == frozenset()
            assert await engine.submit("card:2")
            await engine.wait("card:2")
        assert work.began == 2

    asyncio.run(scenario())


def test_trap_2c_second_dispatch_of_a_running_workflow_never_runs_beside_the_first(
    dbos: Lives,
) -> None:
    from dbos import DBOS

    async def scenario() -> None:
        work = Holding()
        async with dbos.life(work) as engine:
            await engine.submit("card:1")
            await work.held.wait()
            await DBOS.resume_workflow_async("card:1")
            # Only the latest dispatch can record, so the first one ends before the second begins.
            await work.again.wait()
            assert engine.running() == {"card:1"}
            work.release.set()
            await engine.wait("card:1")
            assert not await engine.submit("card:1")
        assert (work.most, work.began) == (1, 2)

    asyncio.run(scenario())


def test_trap_2d_second_engine_in_one_process_is_refused_and_the_first_goes_on(
    dbos: Lives,
) -> None:
    async def scenario() -> None:
        work = Holding()
        work.release.set()
        async with dbos.life(work) as engine:
            with pytest.raises(Held):
                await dbos.engine("other").start(work)
            await _finish(engine, "card:1")
        async with dbos.life(work) as engine:
            await _finish(engine, "card:2")
            # The loop's threads work after DBOS has taken its own away.
        assert await asyncio.to_thread(lambda: 1) == 1

    asyncio.run(scenario())


@pytest.mark.parametrize("kind", ["store", "dbos"])
def test_trap_2e_child_of_a_killed_engine_lives_on_until_the_step_that_runs_again_ends_it(
    kind: str, tmp_path: Path
) -> None:
    argv = [sys.executable, "-m", PROGRAM, kind, str(tmp_path), "one", "card:1"]
    env = {**os.environ, "HANG": "second"}
    life = subprocess.Popen(argv, cwd=ROOT, env=env, stdout=subprocess.PIPE)
    try:
        assert life.stdout is not None
        assert life.stdout.readline() == b"hangs\n"
    finally:
        life.send_signal(signal.SIGKILL)
        life.communicate(timeout=30)
    orphan = int((tmp_path / "child").read_text(encoding="ascii"))
    try:
        assert start_time(orphan)
        subprocess.run(argv, cwd=ROOT, env=env, timeout=60, check=True)
        assert not start_time(orphan)
    finally:
        if start_time(orphan):
            os.kill(orphan, signal.SIGKILL)
    effects = (tmp_path / "effects").read_text(encoding="ascii").split()
    assert effects[1::2] == ["first", "second", "second"]


def test_trap_3_changed_source_does_not_strand_unfinished_work(world: Lives) -> None:
    async def scenario() -> None:
        ran: list[str] = []
        held = asyncio.Event()

        async def old(steps: Steps) -> None:
            ran.extend(await _in_order(steps, "a", "b"))
            held.set()
            await asyncio.Event().wait()

        async def new(steps: Steps) -> None:
            ran.extend(await _in_order(steps, "a", "b", "c"))

        async with world.life(old) as engine:
            await engine.submit("card:1")
            await held.wait()
        async with world.life(new) as engine:
            await _finish(engine, "card:1")
        assert ran == ["a", "b", "c"]

    asyncio.run(scenario())


def test_trap_3_step_inserted_before_a_recorded_one_is_run_or_refused_loudly(
    world: Lives,
) -> None:
    async def scenario() -> None:
        ran: list[str] = []
        held = asyncio.Event()

        async def old(steps: Steps) -> None:
            await _in_order(steps, "a")
            held.set()
            await asyncio.Event().wait()

        async def new(steps: Steps) -> None:
            ran.extend(await _in_order(steps, "new", "a"))

        async with world.life(old) as engine:
            await engine.submit("card:1")
            await held.wait()
        async with world.life(new) as engine:
            if world.kind != "dbos":
                await _finish(engine, "card:1")
                assert ran == ["new"]
                return
            from dbos import error

            with pytest.raises(error.DBOSUnexpectedStepError, match="was recorded when"):
                await _finish(engine, "card:1")
            await _finish(engine, "card:2")
            assert ran == ["new", "a"]

    asyncio.run(scenario())


def test_trap_4_cancel_through_the_database_ends_the_step_of_a_living_worker(
    dbos: Lives,
) -> None:
    async def scenario() -> None:
        work = Holding()
        async with dbos.life(work) as engine:
            await engine.submit("card:1")
            await work.held.wait()
            assert _change(dbos, "update workflow_status set status = 'CANCELLED'") == 1
            await engine.wait("card:1")
            assert (work.began, work.inside) == (1, 0)

    asyncio.run(scenario())
