"""What takes long and must not hold up the dispatcher, done beside it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from sps.model.errors import SpsError

_log = logging.getLogger(__name__)


class Errands:
    """Owned tasks, never two at a time for a key. `done` is called after each. One that failed is
    in the log, and is begun again only after `forgive`."""

    def __init__(self, done: Callable[[], None]) -> None:
        self._done = done
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._failed: set[str] = set()

    def begin(self, key: str, work: Callable[[], Awaitable[None]]) -> None:
        """Begin an errand unless it is under way or has failed."""
        if key in self._tasks or key in self._failed:
            return
        task = asyncio.create_task(self._run(key, work), name=key)
        self._tasks[key] = task
        task.add_done_callback(self._over)

    @property
    def busy(self) -> bool:
        """Whether any is under way."""
        return bool(self._tasks)

    def forgive(self) -> None:
        """Let what failed be tried again."""
        self._failed.clear()

    async def close(self) -> None:
        """Cancel what is under way and wait for it."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, key: str, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except (SpsError, OSError) as err:
            self._failed.add(key)
            code = err.code if isinstance(err, SpsError) else "system"
            extra = {"errand": key, "code": code, "detail": str(err)}
            _log.warning("errand failed", extra=extra)

    def _over(self, task: asyncio.Task[None]) -> None:
        key = task.get_name()
        del self._tasks[key]
        if task.cancelled():
            return
        if (failure := task.exception()) is not None:
            self._failed.add(key)
            _log.error("errand broke", extra={"errand": key}, exc_info=failure)
        self._done()
