"""The life of a working process: lock, sweep, engine, dispatcher, and an orderly end."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator

from sps.bootstrap import Wired
from sps.daemon.dispatcher import Dispatcher
from sps.flow.card import CardWay
from sps.flow.sweep import sweep, take_back
from sps.flow.tidy import tidy
from sps.lib import log
from sps.lib.lock import FileLock, holder
from sps.lib.threads import in_thread
from sps.model.errors import Held
from sps.ports.engine import Engine

STOP_S = 30.0


def take_lock(world: Wired, what: str) -> FileLock:
    """Take the home's lock. Raises `Held("home-busy")` naming who has it."""
    lock = FileLock(world.home.lock)
    if not lock.take(f"{what} pid {os.getpid()}"):
        who = holder(world.home.lock) or "another process"
        raise Held("home-busy", f"this home is in use: {who}", hint="sps status")
    return lock


def log_to_home(world: Wired, service: str) -> None:
    """Send this process's log to the home, as JSON lines, without the secrets of the home."""
    redactor = log.Redactor()
    if world.home.token.exists():
        redactor.learn(world.home.token.read_text().strip())
    level = os.environ.get("SPS_LOG", "info")
    env = world.home.root.name
    log.to_file(world.home.log, service=service, env=env, level=level, redactor=redactor)


@contextlib.asynccontextmanager
async def working(
    world: Wired, engine: Engine, *, projects: tuple[str, ...] = (), limit: int = 8
) -> AsyncIterator[Dispatcher]:
    """Tidy up after an earlier life, start the engine and give a dispatcher; at the end everything
    that runs is stopped, its work is salvaged, and its cards stand where they can go on."""
    warming = asyncio.create_task(world.warm())
    await sweep(world)
    await take_back(world)
    for project in await in_thread(world.store.read, lambda tx: tx.projects()):
        await in_thread(tidy, world, project.name)
    way = CardWay(world)
    await engine.start(way.workflow)
    dispatcher = Dispatcher(world, engine, projects=projects, limit=limit)
    try:
        yield dispatcher
    finally:
        warming.cancel()
        dispatcher.drain()
        async with asyncio.timeout(STOP_S):
            await engine.stop()
