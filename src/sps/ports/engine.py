"""The durable engine: runs a workflow by id, at least once, to its end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol


class Steps(Protocol):
    """What a workflow uses to make its progress durable."""

    workflow_id: str

    async def run(self, name: str, body: Callable[[], Awaitable[str]]) -> str:
        """Run a step and record its result. A recorded step is not run again; one that was cut off
        is, so each body needs its own witness of what it did already."""
        ...


Workflow = Callable[[Steps], Awaitable[None]]


class Engine(Protocol):
    """Starts workflows at once, without polling, and takes up unfinished ones after a crash."""

    async def start(self, workflow: Workflow) -> None:
        """Make ready. Unfinished workflows of an earlier life are known, and run when submitted
        again or resumed by the engine itself; never twice at the same time."""
        ...

    async def submit(self, workflow_id: str) -> bool:
        """Run the workflow under this id; False when that id is running or has finished. One that
        was cancelled, failed or cut off goes on after its recorded steps. Raises
        `Absent("engine-stopped")` when the engine is not started."""
        ...

    async def cancel(self, workflow_id: str) -> bool:
        """Cancel a running workflow and wait until its body has ended; True when it was running."""
        ...

    async def forget(self, workflow_id: str) -> None:
        """Drop what is recorded about a workflow that is not running."""
        ...

    def running(self) -> frozenset[str]: ...

    async def wait(self, workflow_id: str) -> None:
        """Wait until the workflow is not running here. Raises what its body raised."""
        ...

    async def stop(self) -> None:
        """Cancel everything that runs and let go of all resources. Unfinished workflows stay so."""
        ...
