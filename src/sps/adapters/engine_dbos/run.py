"""One workflow that runs here, from the promise to run it to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from sps.adapters.engine_dbos.steps import NotRecorded


class DbosRun:
    """Watches the task that DBOS made. `ended` is done when the body has ended and the database
    says so; it is not part of the workflow, so what it tells DBOS is no step of it."""

    def __init__(self, workflow_id: str, give_back: Callable[[str], Awaitable[None]]) -> None:
        self.workflow_id = workflow_id
        self.begun: asyncio.Future[asyncio.Task[None]] = asyncio.get_running_loop().create_future()
        self.failure: BaseException | None = None
        self.cancelled = False  #: somebody asked for its end
        self.keep = False  #: the engine stops: what nobody cancelled is left to the next life
        self._give_back = give_back
        self.ended = asyncio.create_task(self._watch(), name=workflow_id)

    def cancel(self) -> None:
        """Cancel the body, or the promise when it has not begun."""
        if not self.begun.done():
            self.ended.cancel()
        if not self.begun.done() or self.begun.cancelled():
            return
        task = self.begun.result()
        # A second cancellation would break into the finally blocks that the first began.
        if not task.cancelling():
            task.cancel()

    def allow_again(self) -> None:
        """Let a later `cancel` cancel once more, when the body took no notice of this one."""
        if self.begun.done() and not self.begun.cancelled():
            self.begun.result().uncancel()

    async def _watch(self) -> None:
        task = await self.begun
        await asyncio.wait([task])
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        if error is None:
            return
        if isinstance(error, NotRecorded):
            error = error.failure
        if not isinstance(error, asyncio.CancelledError):
            self.failure = error
        if self.cancelled or not self.keep:
            await self._give_back(self.workflow_id)
