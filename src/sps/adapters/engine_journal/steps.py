"""The steps of one workflow, by name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sps.adapters.engine_journal.journal import FINISHED, Journal
from sps.lib.killpoint import reach
from sps.model.errors import Misuse


class JournalSteps:
    """Implements `Steps` over a journal. Names are the keys: steps may be added, removed or
    reordered between two lives. The steps of one workflow run one after the other."""

    def __init__(self, workflow_id: str, journal: Journal) -> None:
        self.workflow_id = workflow_id
        self._journal = journal

    async def run(self, name: str, body: Callable[[], Awaitable[str]]) -> str:
        """Return the recorded result, or run the body and record what it returned. A body that
        raised or was cancelled leaves no record."""
        if name == FINISHED:
            raise Misuse("step-name", "a workflow step needs a name")
        known = await self._journal.step(self.workflow_id, name)
        if known is not None:
            return known
        result = await body()
        if not isinstance(result, str):
            raise TypeError(f"step {name} returned {type(result).__name__}, not text")
        reach("step-before-record")
        await self._journal.save(self.workflow_id, name, result)
        reach("step-after-record")
        return result
