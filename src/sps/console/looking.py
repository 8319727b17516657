"""Finding out what costs much: once for all who ask at the same time, and kept for a while."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar

from sps.lib.threads import in_slow_thread

if TYPE_CHECKING:
    from sps.bootstrap import Wired

T = TypeVar("T")
Find = Callable[["Wired", "str | None"], T]


class Looking(Generic[T]):
    """Finds something out about a project, or without one about the home."""

    def __init__(self, world: Wired, find: Find[T]) -> None:
        self._world = weakref.proxy(world)
        self._find = find
        self._found: dict[str | None, tuple[float, T]] = {}
        self._going: dict[str | None, asyncio.Task[T]] = {}

    def last(self, project: str | None = None, *, within: float) -> T | None:
        """Return what was found within so many seconds."""
        at, found = self._found.get(project, (0.0, None))
        return found if found is not None and self._world.clock.steady() - at < within else None

    async def look(self, project: str | None = None, *, within: float = 0.0) -> T:
        """Return what was found within so many seconds; else look. Who comes while somebody looks
        waits for that. Raises what looking does."""
        kept = self.last(project, within=within)
        if kept is not None:
            return kept
        going = self._going.get(project)
        if going is None:
            going = self._going[project] = asyncio.create_task(self._look(project))
            going.add_done_callback(lambda task: self._over(project, task))
        return await asyncio.shield(going)

    async def _look(self, project: str | None) -> T:
        found = await in_slow_thread(self._find, self._world, project)
        self._found[project] = self._world.clock.steady(), found
        return found

    def _over(self, project: str | None, task: asyncio.Task[T]) -> None:
        del self._going[project]
        if not task.cancelled():
            task.exception()  # those who waited have it; nobody may have


class Lookings(Generic[T]):
    """One `Looking` for each world, for as long as that lives."""

    def __init__(self, find: Find[T]) -> None:
        self._find = find
        self._of: weakref.WeakKeyDictionary[Wired, Looking[T]] = weakref.WeakKeyDictionary()

    def __call__(self, world: Wired) -> Looking[T]:
        return self._of.setdefault(world, Looking(world, self._find))
