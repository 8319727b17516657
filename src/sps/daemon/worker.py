"""A worker of a home that lies elsewhere: it takes cards, and leaves files and landings to the
home."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable

from sps.bootstrap import Wired
from sps.daemon.lease_lost import LeaseLost, pause
from sps.daemon.life import end_with, last_resort, log_to_home, take_lock, work_until, working

_log = logging.getLogger(__name__)


def work(world: Wired, *, limit: int, on_up: Callable[[], None] = lambda: None) -> None:
    """Work until `end_with` says so. A worker that lost its lease begins anew, as after a crash.

    Raises `Held("home-busy")`, `Held("worker-name-taken")`, `Absent("database-unreachable")`.
    """
    lock = take_lock(world, "worker")
    log_to_home(world, "worker")
    try:
        asyncio.run(_live(world, limit, on_up))
    finally:
        lock.release()


async def _live(world: Wired, limit: int, on_up: Callable[[], None]) -> None:
    over = asyncio.Event()
    last: list[threading.Timer] = []

    def stop() -> None:
        if not over.is_set():
            last.append(last_resort())
        over.set()

    end_with(stop)
    try:
        while not over.is_set():
            try:
                await _dispatch(world, limit, over, on_up)
            except LeaseLost:
                await pause(world, over)
    finally:
        for timer in last:
            timer.cancel()


async def _dispatch(
    world: Wired, limit: int, over: asyncio.Event, on_up: Callable[[], None]
) -> None:
    async with (
        working(world, world.engine(), limit=limit) as dispatcher,
        world.listen(dispatcher.ring),
    ):
        on_up()
        _log.info("worker up", extra={"worker": world.worker})
        await work_until(over, dispatcher)
