"""Whether this process may take work, and if not, why."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

from sps.daemon.metrics import vault_readable
from sps.lib import disk
from sps.lib.lock import holder
from sps.lib.threads import in_thread
from sps.model.errors import SpsError
from sps.ports.world import World

_FRESH_S = 1.0


class Readiness:
    """Answers from what it saw at most a second ago; however many ask, one looks."""

    def __init__(self, world: World, draining: Callable[[], bool]) -> None:
        self._world = world
        self._draining = draining
        self._looking = asyncio.Lock()
        self._seen: tuple[float, str | None] | None = None

    async def trouble(self) -> str | None:
        """Return the code of what keeps the process from taking work."""
        if self._draining():
            return "draining"
        async with self._looking:
            now = self._world.clock.steady()
            if self._seen is None or now - self._seen[0] >= _FRESH_S:
                code = await in_thread(_trouble, self._world)
                self._seen = self._world.clock.steady(), code
            return self._seen[1]


def _trouble(world: World) -> str | None:
    if not (holder(world.home.lock) or "").endswith(f" {os.getpid()}"):
        return "home-lock-lost"
    try:
        projects = world.store.read(lambda tx: tx.projects())
    except SpsError as err:
        return err.code
    if not os.access(world.home.root, os.W_OK):
        return "home-not-writable"
    if not all(vault_readable(world, project.name) for project in projects):
        return "vault-unreadable"
    return "disk-full" if disk.low(world.home.root) else None
