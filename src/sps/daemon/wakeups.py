"""What rings the dispatcher: the wake-up socket and the file watcher."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from sps.bootstrap import Wired
from sps.daemon.dispatcher import Dispatcher


@contextlib.asynccontextmanager
async def wakeups(
    world: Wired, names: tuple[str, ...], dispatcher: Dispatcher
) -> AsyncIterator[None]:
    """Listen and watch while inside. Both are hints: the periodic scan finds what they miss."""
    over = asyncio.Event()
    watching = asyncio.create_task(_watch(world, names, dispatcher, over))
    try:
        async with world.listen(dispatcher.ring):
            yield
    finally:
        over.set()
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def _watch(
    world: Wired, names: tuple[str, ...], dispatcher: Dispatcher, over: asyncio.Event
) -> None:
    async for name in world.watch(names, over):
        dispatcher.files_changed(name)
