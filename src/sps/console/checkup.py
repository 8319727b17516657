"""The checks of the home or of one project: what was found last, and looking again."""

from __future__ import annotations

import asyncio
import weakref
from typing import TYPE_CHECKING

import msgspec

from sps.lib.threads import in_slow_thread
from sps.lib.times import rfc3339
from sps.services.doctor import Check, doctor

if TYPE_CHECKING:
    from sps.bootstrap import Wired

FRESH_S = 30.0
_KEPT_S = 3600.0


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, and when, in milliseconds."""

    at: int
    checks: list[Check]

    @property
    def when(self) -> str:
        return rfc3339(self.at)


class Checkup:
    """Looks for a project, or without one for the home. However many ask, one looks."""

    def __init__(self, world: Wired) -> None:
        self._world = weakref.proxy(world)
        self._found: dict[str | None, tuple[float, Found]] = {}
        self._going: dict[str | None, asyncio.Task[Found]] = {}

    def last(self, project: str | None = None) -> Found | None:
        """Return what was found within the last hour."""
        return self._kept(project, _KEPT_S)

    async def look(self, project: str | None = None, *, again: bool = False) -> Found:
        """Return what was found within the last half minute; else, or `again`, look. Who comes
        while somebody looks waits for that. Raises `Misuse("unknown-project")`."""
        kept = None if again else self._kept(project, FRESH_S)
        if kept is not None:
            return kept
        going = self._going.get(project)
        if going is None:
            going = self._going[project] = asyncio.create_task(self._look(project))
            going.add_done_callback(lambda task: self._over(project, task))
        return await asyncio.shield(going)

    async def _look(self, project: str | None) -> Found:
        checks = await in_slow_thread(doctor, self._world, project)
        clock = self._world.clock
        found = Found(at=clock.now(), checks=checks)
        self._found[project] = clock.steady(), found
        return found

    def _over(self, project: str | None, task: asyncio.Task[Found]) -> None:
        del self._going[project]
        if not task.cancelled():
            task.exception()  # those who waited have it; nobody may have

    def _kept(self, project: str | None, patience: float) -> Found | None:
        at, found = self._found.get(project, (0.0, None))
        return found if found and self._world.clock.steady() - at < patience else None


_of_world: weakref.WeakKeyDictionary[Wired, Checkup] = weakref.WeakKeyDictionary()


def checkup(world: Wired) -> Checkup:
    """Return the checkup of a world."""
    return _of_world.setdefault(world, Checkup(world))
