"""What takes long and must not hold up the dispatcher, done beside it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from sps.model.errors import SpsError

_log = logging.getLogger(__name__)


class Errands:
    """Owned tasks, never two at a time for a key. `done` is called after one that succeeded; one
    that failed is in the log, and it is for the next scan to begin it again."""

    def __init__(self, done: Callable[[], None]) -> None:
        self._done = done
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def begin(self, key: str, work: Callable[[], Awaitable[None]]) -> None:
        """Begin an errand unless it is under way."""
        if key not in self._tasks:
            task = asyncio.create_task(self._run(key, work), name=key)
            self._tasks[key] = task
            task.add_done_callback(lambda _: self._tasks.pop(key, None))

    @property
    def busy(self) -> bool:
        """Whether any is under way."""
        return bool(self._tasks)

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
            code = err.code if isinstance(err, SpsError) else "system"
            extra = {"errand": key, "code": code, "detail": str(err)}
            _log.warning("errand failed", extra=extra)
        # The loop that waits for the last errand must see that none is left.
        asyncio.get_running_loop().call_soon(self._tasks.pop, key, None)
        asyncio.get_running_loop().call_soon(self._done)
