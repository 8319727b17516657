"""The life of a working process: lock, sweep, engine, dispatcher, and an orderly end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import threading
from collections.abc import AsyncIterator, Callable

from sps.bootstrap import Wired
from sps.daemon.dispatcher import Dispatcher
from sps.daemon.membership import membership
from sps.flow import tag
from sps.flow.card import CardWay
from sps.flow.sweep import sweep, take_back
from sps.flow.tidy import tidy
from sps.lib import log
from sps.lib.lock import FileLock, holder
from sps.lib.threads import in_slow_thread, in_thread
from sps.model.errors import Held
from sps.ports.engine import Engine
from sps.services.backup_home import sweep_leftovers
from sps.services.settings import value
from sps.services.whereabouts import settle

#: From the signal to the end there are 35 s at most: these for what runs to be stopped and salvaged
#: (the engine alone would wait longer), before which git has a moment to end by itself, and then
#: nothing is waited for any more.
STOP_S = 25.0
_GIT_S = 3.0
_LAST_S = 33.0
_log = logging.getLogger(__name__)


def take_lock(world: Wired, what: str) -> FileLock:
    """Take the home's lock. Raises `Held` with home-busy, naming who has it, or home-copied."""
    lock = FileLock(world.home.lock)
    if not lock.take(f"{what} pid {os.getpid()}"):
        who = holder(world.home.lock) or "another process"
        raise Held("home-busy", f"this home is in use: {who}", hint="sps status")
    try:
        settle(world.home, world.home_id)
    except Held:
        lock.release()
        raise
    return lock


def log_to_home(world: Wired, service: str) -> None:
    """Send this process's log to the home, as JSON lines, without the secrets of the home."""
    redactor = log.Redactor()
    if world.home.token.exists():
        redactor.learn(world.home.token.read_text().strip())
    for secret in world.secrets:
        redactor.learn(secret)
    level = value(world, "log.level")
    env = world.home.root.name
    log.to_file(world.home.log, service=service, env=env, level=level, redactor=redactor)
    log.chain_to(world.home.audit, "sps.audit", service=service, env=env, redactor=redactor)


@contextlib.asynccontextmanager
async def working(
    world: Wired, engine: Engine, *, projects: tuple[str, ...] = (), limit: int = 8
) -> AsyncIterator[Dispatcher]:
    """Tidy up after an earlier life, start the engine and give a dispatcher; at the end everything
    that runs is stopped, its work is salvaged, and its cards stand where they can go on."""
    warming = asyncio.create_task(world.warm())
    # Nobody's launch, so that only the sweep of a later life takes it for something left over.
    world.reins.take({tag.VARIABLE: f"{tag.home_prefix(world)}vault/git/target"})
    try:
        async with (
            membership(world) as member,
            _prepared(world, engine, projects, limit) as dispatcher,
        ):
            if member is not None:
                member.on_lost = _fencing(dispatcher)
                if member.lost:
                    dispatcher.fence()
            yield dispatcher
    finally:
        warming.cancel()
        world.reins.let_go()


def _fencing(dispatcher: Dispatcher) -> Callable[[], None]:
    loop = asyncio.get_running_loop()

    def lost() -> None:
        dispatcher.fence()
        with contextlib.suppress(RuntimeError):  # the loop has ended by itself
            loop.call_soon_threadsafe(dispatcher.ring)

    return lost


@contextlib.asynccontextmanager
async def _prepared(
    world: Wired, engine: Engine, projects: tuple[str, ...], limit: int
) -> AsyncIterator[Dispatcher]:
    """Tidy up, start the engine, and stop it at the end."""
    await sweep(world)
    await take_back(world)
    await in_thread(world.logins.reclaim)
    await in_thread(sweep_leftovers, world.home)
    for project in await in_thread(world.store.read, lambda tx: tx.projects()):
        await in_slow_thread(tidy, world, project.name)
    way = CardWay(world)
    await engine.start(way.workflow)
    dispatcher = Dispatcher(world, engine, projects=projects, limit=limit)
    try:
        yield dispatcher
    finally:
        dispatcher.drain()
        await _stop(world, engine, dispatcher)


async def work_until(over: asyncio.Event, dispatcher: Dispatcher) -> None:
    """Let the dispatcher work until it is over. Raises what it failed of."""
    work = asyncio.create_task(dispatcher.run(until_quiet=False))
    stop = asyncio.create_task(over.wait())
    await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
    for task in (work, stop):
        task.cancel()
    ended = (await asyncio.gather(work, stop, return_exceptions=True))[0]
    if isinstance(ended, Exception):
        raise ended


async def _stop(world: Wired, engine: Engine, dispatcher: Dispatcher) -> None:
    """Stop what runs, in bounded time. Git at a landing target may hang for minutes: it is ended,
    and what it was for stands as after a crash."""
    stopping = asyncio.gather(engine.stop(), dispatcher.close())
    await asyncio.wait([stopping], timeout=_GIT_S)
    world.reins.stop.set()
    await asyncio.wait([stopping], timeout=STOP_S - _GIT_S)
    if stopping.done():
        stopping.result()
        return
    stopping.cancel()
    _log.error("not everything ended in time", extra={"code": "stop-late"})


def end_with(stop: Callable[[], None]) -> None:
    """Let this process end in good order when it is asked to, or when its terminal is closed; not
    for the latter where somebody wanted it to go on then, as `nohup` does."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN or number is not signal.SIGHUP:
            loop.add_signal_handler(number, stop)


def last_resort() -> threading.Timer:
    """Begin to count: a process that has not ended in time ends at once, and its next life sweeps.
    To be cancelled by who has ended in good order."""

    def end() -> None:
        _log.error("ended at once, the stop took too long", extra={"code": "stop-late"})
        os._exit(1)

    timer = threading.Timer(_LAST_S, end)
    timer.daemon = True
    timer.start()
    return timer
