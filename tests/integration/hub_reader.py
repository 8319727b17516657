"""A hub of a world beside its work, and somebody who listens to it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

from sps.bootstrap import Wired
from sps.console.hub import Hub, View
from sps.model.event import Event, EventKind

ALL = View(name="all")
_ID = re.compile(rb"^id: (\w+)-(\d+)$", re.MULTILINE)


def add_events(world: Wired, number: int) -> None:
    """Write events, each in a transaction of its own."""
    for _ in range(number):
        event = Event(project="demo", kind=EventKind.PROJECT_RESUMED, at=1, payload={"why": "x"})
        world.store.write(lambda tx, event=event: tx.add_event(event))


def last(world: Wired) -> int:
    return world.store.read(lambda tx: tx.last_event())


class Reader:
    """Takes what a stream says, and remembers the ids of its events."""

    def __init__(self, stream: AsyncIterator[bytes]) -> None:
        self.stream = stream
        self.ids: list[int] = []
        self.resyncs = 0

    async def until(self, wanted: int, pauses: Any = None) -> None:
        """Read until an event with this id, or a later one, was told."""
        async with asyncio.timeout(20):
            async for chunk in self.stream:
                for part in chunk.split(b"\n\n"):
                    self._take(part)
                if self.ids and self.ids[-1] >= wanted:
                    return
                if pauses is not None:
                    await asyncio.sleep(next(pauses))

    def _take(self, part: bytes) -> None:
        found = _ID.search(part)
        if found is None or part.startswith(b":"):
            return
        if b"event: resync" in part:
            self.resyncs += 1
        self.ids.append(int(found[2]))


def run(world: Wired, work: Any, **options: Any) -> Any:
    """Run `work(hub)` beside a hub of the world."""

    async def main() -> Any:
        hub = Hub(world, **options)
        world.store.observe(hub.poke)
        task = asyncio.create_task(hub.run())
        try:
            return await work(hub)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    return asyncio.run(main())
