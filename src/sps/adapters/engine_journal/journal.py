"""Where step results outlive the process."""

from __future__ import annotations

from typing import Protocol

from sps.lib.threads import in_thread
from sps.ports.clock import Clock
from sps.ports.store import Store

#: The step that says that its workflow has finished. No step of a workflow can have this name.
FINISHED = ""


class Journal(Protocol):
    """Results by workflow and step. What was saved first stays."""

    async def step(self, workflow_id: str, name: str) -> str | None:
        """Return the recorded result, None when there is none."""
        ...

    async def save(self, workflow_id: str, name: str, result: str) -> None:
        """Record a result durably before returning; a second record is ignored."""
        ...

    async def finished(self, workflow_id: str) -> bool: ...

    async def finish(self, workflow_id: str) -> None:
        """Record durably that the workflow came to its end."""
        ...

    async def forget(self, workflow_id: str) -> None:
        """Remove all that is known of a workflow; its id can then run anew."""
        ...


class MemoryJournal:
    """A journal for tests: hand it to a second engine to play a restart."""

    def __init__(self) -> None:
        self._results: dict[tuple[str, str], str] = {}

    async def step(self, workflow_id: str, name: str) -> str | None:
        return self._results.get((workflow_id, name))

    async def save(self, workflow_id: str, name: str, result: str) -> None:
        self._results.setdefault((workflow_id, name), result)

    async def finished(self, workflow_id: str) -> bool:
        return (workflow_id, FINISHED) in self._results

    async def finish(self, workflow_id: str) -> None:
        await self.save(workflow_id, FINISHED, "")

    async def forget(self, workflow_id: str) -> None:
        self._results = {key: v for key, v in self._results.items() if key[0] != workflow_id}


class StoreJournal:
    """A journal in the store's step table. Errors are those of `Store.read` and `Store.write`."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def step(self, workflow_id: str, name: str) -> str | None:
        return await in_thread(self._store.read, lambda rows: rows.step(workflow_id, name))

    async def save(self, workflow_id: str, name: str, result: str) -> None:
        at = self._clock.now()
        await in_thread(
            self._store.write, lambda rows: rows.save_step(workflow_id, name, result, at)
        )

    async def finished(self, workflow_id: str) -> bool:
        return await self.step(workflow_id, FINISHED) is not None

    async def finish(self, workflow_id: str) -> None:
        await self.save(workflow_id, FINISHED, "")

    async def forget(self, workflow_id: str) -> None:
        await in_thread(self._store.write, lambda rows: rows.forget_steps(workflow_id))
