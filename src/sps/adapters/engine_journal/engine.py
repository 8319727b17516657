"""Workflows as tasks of the caller's loop; what they did is in a journal."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection

from sps.adapters.engine_journal.journal import Journal
from sps.adapters.engine_journal.steps import JournalSteps
from sps.lib.killpoint import reach
from sps.model.errors import Absent, Held, WorkFailed
from sps.ports.clock import Clock
from sps.ports.engine import Workflow

#: Seconds a cancelled body has for its finally blocks.
PATIENCE = 30.0
#: How many failures are kept for a late `wait`.
_FAILURES = 256

_log = logging.getLogger(__name__)


class JournalEngine:
    """Implements `Engine` inside one process, without threads or polling of its own.

    A workflow has finished when its body returned. One that was cancelled, raised or was cut off
    by the end of the process has not: submitted again under the same id it goes on after its
    recorded steps. Nothing runs by itself after a restart; the owner of the state submits.
    """

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock
        self._workflow: Workflow | None = None
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._failures: dict[str, BaseException] = {}
        # Between the question whether an id has finished and its task nothing else may decide.
        self._admission = asyncio.Lock()

    async def start(self, workflow: Workflow) -> None:
        """Make ready. Raises `Held("engine-running")` when it was started already."""
        if self._workflow is not None:
            raise Held("engine-running", "the engine was started already")
        self._workflow = workflow

    async def submit(self, workflow_id: str) -> bool:
        """Run under this id; False when it runs or has finished. Raises `Absent` when stopped."""
        async with self._admission:
            workflow = self._ready()
            if workflow_id in self._tasks or await self._journal.finished(workflow_id):
                return False
            self._failures.pop(workflow_id, None)
            task = asyncio.create_task(self._live(workflow, workflow_id), name=workflow_id)
            self._tasks[workflow_id] = task
            task.add_done_callback(self._ended)
            return True

    async def cancel(self, workflow_id: str) -> bool:
        """Cancel and wait until the body has ended, finally blocks included; False when it did not
        run. Raises `WorkFailed("workflow-stuck")` when it still runs after 30 s."""
        async with self._admission:
            task = self._tasks.get(workflow_id)
        if task is None:
            return False
        if await self._cancel_all([task]):
            raise WorkFailed("workflow-stuck", f"workflow {workflow_id} did not end in time")
        return True

    def running(self) -> frozenset[str]:
        """Return the ids of the workflows that run now."""
        return frozenset(self._tasks)

    async def wait(self, workflow_id: str) -> None:
        """Wait until the workflow does not run, as long as it takes. Raises what its body raised
        when it ran last."""
        task = self._tasks.get(workflow_id)
        if task is not None:
            await asyncio.wait([task])
        failure = self._failures.get(workflow_id)
        if failure is not None:
            raise failure

    async def stop(self) -> None:
        """Cancel all and wait for them, at most 30 s. Unfinished workflows stay so."""
        async with self._admission:
            self._workflow = None
            tasks = list(self._tasks.values())
        left = await self._cancel_all(tasks)
        if left:
            names = sorted(task.get_name() for task in left)
            _log.error("workflows did not end in time", extra={"workflows": names})

    async def forget(self, workflow_id: str) -> None:
        """Remove the records of a workflow that does not run. Raises `Held` when it runs."""
        async with self._admission:
            if workflow_id in self._tasks:
                raise Held("workflow-running", f"workflow {workflow_id} runs")
            self._failures.pop(workflow_id, None)
            await self._journal.forget(workflow_id)

    def _ready(self) -> Workflow:
        if self._workflow is None:
            raise Absent("engine-stopped", "the engine does not run", hint="start the daemon")
        return self._workflow

    async def _live(self, workflow: Workflow, workflow_id: str) -> None:
        await workflow(JournalSteps(workflow_id, self._journal))
        reach("workflow-before-finish")
        await self._journal.finish(workflow_id)

    def _ended(self, task: asyncio.Task[None]) -> None:
        # Runs before anybody who waits for the task: it is the first callback it was given.
        workflow_id = task.get_name()
        del self._tasks[workflow_id]
        failure = None if task.cancelled() else task.exception()
        if failure is None:
            return
        self._failures[workflow_id] = failure
        if len(self._failures) > _FAILURES:
            del self._failures[next(iter(self._failures))]
        _log.error("workflow failed", extra={"workflow": workflow_id}, exc_info=failure)

    async def _cancel_all(self, tasks: Collection[asyncio.Task[None]]) -> set[asyncio.Task[None]]:
        """Cancel, wait, and return the tasks that had not ended when time was over."""
        for task in tasks:
            # A second cancellation would break into the finally blocks that the first began.
            if not task.cancelling():
                task.cancel()
        left = await self._wait_all(tasks)
        for task in left:
            task.uncancel()
        return left

    async def _wait_all(self, tasks: Collection[asyncio.Task[None]]) -> set[asyncio.Task[None]]:
        timer = asyncio.ensure_future(self._clock.sleep(PATIENCE))
        try:
            left = {task for task in tasks if not task.done()}
            while left and not timer.done():
                await asyncio.wait([*left, timer], return_when=asyncio.FIRST_COMPLETED)
                left = {task for task in left if not task.done()}
            return left
        finally:
            timer.cancel()
