"""What rings the dispatcher: the wake-up socket and the file watcher.

Both are hints: the periodic scan finds what they miss.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

from sps.bootstrap import Wired
from sps.daemon.dispatcher import Dispatcher
from sps.model.errors import SpsError

_log = logging.getLogger(__name__)


class Watcher:
    """Watches the card folders of the projects there are now; begins anew when they change."""

    def __init__(self, world: Wired, dispatcher: Dispatcher) -> None:
        self._world = world
        self._dispatcher = dispatcher
        self._names: frozenset[str] = frozenset()
        self._round_over = asyncio.Event()

    def projects(self, names: frozenset[str]) -> None:
        """Say which projects there are."""
        if names != self._names:
            self._names = names
            self._round_over.set()

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            over = self._round_over = asyncio.Event()
            try:
                async for project, names in self._world.watch(self._names, over):
                    self._dispatcher.files_changed(project, names)
            except SpsError as err:
                _log.warning("not watching", extra={"code": err.code, "detail": str(err)})
            await over.wait()


@contextlib.asynccontextmanager
async def wakeups(world: Wired, dispatcher: Dispatcher) -> AsyncIterator[None]:
    """Listen and watch while inside."""
    watcher = Watcher(world, dispatcher)
    dispatcher.on_projects = watcher.projects
    watching = asyncio.create_task(watcher.run())
    try:
        async with world.listen(dispatcher.ring):
            yield
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
