"""How many agents of a project may work at once, reviewers included."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator

from sps.flow.ground import Ground


class Seats:
    """The seats of this process: a project has as many as its pipeline names workers."""

    def __init__(self) -> None:
        self._taken: Counter[str] = Counter()
        self._freed = asyncio.Condition()

    @contextlib.asynccontextmanager
    async def seat(self, ground: Ground) -> AsyncIterator[None]:
        """Wait for a seat and hold it while inside."""
        name, most = ground.project.name, ground.pipeline.workers
        async with self._freed:
            await self._freed.wait_for(lambda: self._taken[name] < most)
            self._taken[name] += 1
        try:
            yield
        finally:
            await asyncio.shield(self._leave(name))

    async def _leave(self, name: str) -> None:
        async with self._freed:
            self._taken[name] -= 1
            self._freed.notify_all()
