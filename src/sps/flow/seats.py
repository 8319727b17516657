"""How many agents of a project may work at once, reviewers included."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator

from sps.flow.ground import Ground
from sps.lib.threads import in_thread
from sps.model.card import Card
from sps.ports.store import Writing
from sps.ports.world import World

_AGAIN_S = 0.3


class Seats:
    """The seats of a project: as many as its pipeline names workers, on all machines together."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._taken: Counter[str] = Counter()
        self._freed = asyncio.Condition()

    @contextlib.asynccontextmanager
    async def seat(self, ground: Ground, card: Card) -> AsyncIterator[None]:
        """Wait for a seat and hold it while inside. One of this process comes first; where other
        machines work too, it counts only together with one in the database."""
        name, most = ground.project.name, ground.pipeline.workers
        async with self._freed:
            await self._freed.wait_for(lambda: self._taken[name] < most)
            self._taken[name] += 1
        try:
            if self._world.shared:
                await self._among_all(card, most)
            yield
        finally:
            await asyncio.shield(self._leave(card))

    async def _among_all(self, card: Card, most: int) -> None:
        """Wait until the living workers of the home leave room for one more."""
        worker, clock = self._world.worker, self._world.clock

        def take(tx: Writing) -> bool:
            return tx.take_seat(card.id, card.project, worker, most)

        while not await in_thread(self._world.store.write, take):
            await clock.sleep(_AGAIN_S * (1 + self._world.chance.fraction()))

    async def _leave(self, card: Card) -> None:
        try:
            if self._world.shared:
                worker = self._world.worker
                await in_thread(self._world.store.write, lambda tx: tx.leave_seat(card.id, worker))
        finally:
            async with self._freed:
                self._taken[card.project] -= 1
                self._freed.notify_all()
