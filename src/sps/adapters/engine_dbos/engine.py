"""Workflows as DBOS workflows on the caller's loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from pathlib import Path
from typing import Any

from sps.adapters.engine_dbos.instance import Instance
from sps.adapters.engine_dbos.run import DbosRun
from sps.adapters.engine_dbos.steps import DbosSteps, NotRecorded
from sps.model.errors import Absent, Held, WorkFailed
from sps.ports.clock import Clock
from sps.ports.engine import Workflow

#: Seconds a cancelled body has for its finally blocks.
PATIENCE = 30.0
#: How many failures are kept for a late `wait`.
_FAILURES = 256

_log = logging.getLogger(__name__)


class DbosEngine:
    """Implements `Engine` over SQLite (a path) or PostgreSQL (a URL); one per process.

    What an earlier life of the same executor id left unfinished runs again by itself, about a
    second after `start`. A workflow that was cancelled or raised has not finished: submitted again
    it goes on after its recorded steps, also within about a second. No two living processes may
    have the same executor id, since each would run the other's work.
    """

    def __init__(self, database: Path | str, *, executor_id: str, clock: Clock) -> None:
        self._instance = Instance(database, executor_id)
        self._clock = clock
        self._workflow: Workflow | None = None
        self._open = asyncio.Event()
        self._runs: dict[str, DbosRun] = {}
        self._failures: dict[str, BaseException] = {}
        # Between the question whether an id is known and its run nothing else may decide.
        self._admission = asyncio.Lock()

    async def start(self, workflow: Workflow) -> None:
        """Launch DBOS on this loop and take up unfinished workflows. Raises `Held` when this
        process runs an engine already, `Absent` when the database cannot be opened."""
        async with self._admission:
            await self._instance.open(self._body)
            try:
                unfinished = await self._instance.unfinished()
            except BaseException:
                await self._instance.close()
                raise
            self._workflow = workflow
            for workflow_id in unfinished:
                self._expect(workflow_id)
            self._open.set()  # nothing that DBOS took up meanwhile has begun before this

    async def submit(self, workflow_id: str) -> bool:
        """Run under this id; False when it runs, is being taken up, belongs to another executor or
        has finished. Raises `Absent` when stopped."""
        admission = asyncio.ensure_future(self._admit(workflow_id))
        try:
            return await asyncio.shield(admission)
        except asyncio.CancelledError:
            # The row may be there already: then its run must be too.
            await asyncio.wait([admission])
            raise

    async def cancel(self, workflow_id: str) -> bool:
        """Cancel and wait until the body has ended, finally blocks included; False when it did not
        run. Raises `WorkFailed("workflow-stuck")` when it still runs after 30 s."""
        async with self._admission:
            run = self._runs.get(workflow_id)
        if run is None:
            return False
        run.cancelled = True
        # What DBOS takes up begins within a second; before that there is nothing to interrupt.
        if await self._wait_all([run.begun]) or await self._cancel_all([run]):
            raise WorkFailed("workflow-stuck", f"workflow {workflow_id} did not end in time")
        return True

    def running(self) -> frozenset[str]:
        """Return the ids of the workflows that run here, those that are being taken up included."""
        return frozenset(self._runs)

    async def wait(self, workflow_id: str) -> None:
        """Wait until the workflow does not run here, as long as it takes. Raises what its body
        raised when it ran last."""
        run = self._runs.get(workflow_id)
        if run is not None:
            await asyncio.wait([run.ended])
        failure = self._failures.get(workflow_id)
        if failure is not None:
            raise failure

    async def stop(self) -> None:
        """Cancel all, wait for them at most 30 s, and let go of DBOS."""
        async with self._admission:
            if self._workflow is None:
                return
            self._workflow = None
            runs = list(self._runs.values())
        for run in runs:
            run.keep = True
        left = await self._cancel_all(runs)
        if left:
            names = sorted(run.workflow_id for run in left)
            _log.error("workflows did not end in time", extra={"workflows": names})
        await self._instance.close()

    async def forget(self, workflow_id: str) -> None:
        """Remove the records of a workflow that does not run. Raises `Held` when it runs."""
        async with self._admission:
            self._ready()
            if workflow_id in self._runs:
                raise Held("workflow-running", f"workflow {workflow_id} runs")
            self._failures.pop(workflow_id, None)
            await self._instance.forget(workflow_id)

    def _ready(self) -> Workflow:
        if self._workflow is None:
            raise Absent("engine-stopped", "the engine does not run", hint="start the daemon")
        return self._workflow

    async def _admit(self, workflow_id: str) -> bool:
        async with self._admission:
            self._ready()
            if workflow_id in self._runs:
                return False
            status = await self._instance.status(workflow_id)
            if status not in (None, "CANCELLED"):
                return False
            self._failures.pop(workflow_id, None)
            run = self._expect(workflow_id)
            try:
                await self._instance.begin(workflow_id, again=status is not None)
            except BaseException:
                run.cancel()
                raise
            return True

    def _expect(self, workflow_id: str) -> DbosRun:
        run = DbosRun(workflow_id, self._instance.give_back)
        self._runs[workflow_id] = run
        run.ended.add_done_callback(lambda _: self._ended(run))
        return run

    async def _body(self, workflow_id: str) -> None:
        """What DBOS calls: on our loop, for a new workflow and for one of an earlier life."""
        await self._open.wait()
        task = asyncio.current_task()
        assert task is not None
        run = await self._place(workflow_id)
        workflow = self._workflow
        if workflow is None or run is None:
            raise NotRecorded  # it stays unfinished
        run.begun.set_result(task)
        try:
            await workflow(DbosSteps(workflow_id))
        except Exception as err:
            raise NotRecorded(err) from err

    async def _place(self, workflow_id: str) -> DbosRun | None:
        """Return the run that waits to begin, after ending one that DBOS has dispatched before:
        only the latest dispatch can record. None when that one does not end."""
        while (run := self._runs.get(workflow_id)) is not None and run.begun.done():
            run.keep = True
            if await self._cancel_all([run]):
                return None
        return run or self._expect(workflow_id)

    def _ended(self, run: DbosRun) -> None:
        # Runs before anybody who waits for `ended`: it is the first callback it was given.
        del self._runs[run.workflow_id]
        broken = None if run.ended.cancelled() else run.ended.exception()
        failure = run.failure or broken
        if failure is None:
            return
        self._failures[run.workflow_id] = failure
        if len(self._failures) > _FAILURES:
            del self._failures[next(iter(self._failures))]
        _log.error("workflow failed", extra={"workflow": run.workflow_id}, exc_info=failure)

    async def _cancel_all(self, runs: Collection[DbosRun]) -> list[DbosRun]:
        """Cancel, wait, and return the runs that had not ended when time was over."""
        for run in runs:
            run.cancel()
        left = await self._wait_all([run.ended for run in runs])
        stuck = [run for run in runs if run.ended in left]
        for run in stuck:
            run.allow_again()
        return stuck

    async def _wait_all(self, ends: Collection[asyncio.Future[Any]]) -> set[asyncio.Future[Any]]:
        timer = asyncio.ensure_future(self._clock.sleep(PATIENCE))
        try:
            left = {end for end in ends if not end.done()}
            while left and not timer.done():
                await asyncio.wait([*left, timer], return_when=asyncio.FIRST_COMPLETED)
                left = {end for end in left if not end.done()}
            return left
        finally:
            timer.cancel()
