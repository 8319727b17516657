"""The daemon: dispatcher and servers together, until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import socket
import threading
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

from sps import __version__
from sps.bootstrap import Wired
from sps.daemon.dispatcher import Dispatcher
from sps.daemon.entrance import Entrance
from sps.daemon.health import health_app, make_token
from sps.daemon.life import last_resort, log_to_home, take_lock, working
from sps.daemon.wakeups import wakeups
from sps.lib import atomic
from sps.lib.threads import in_thread
from sps.lib.times import rfc3339
from sps.model.errors import Misuse

if TYPE_CHECKING:
    from starlette.types import ASGIApp
    from uvicorn import Server

PORT = 4311
_TRIES = 50
_UNSENT_MS = 30_000
_log = logging.getLogger(__name__)

# Puts something in front of the health answers: given those, the port and whether the daemon is on
# its way out, it returns the application and what runs beside it. It is called in a thread.
Front = Callable[
    [Wired, "ASGIApp", Callable[[], int], Callable[[], bool]],
    tuple["ASGIApp", contextlib.AbstractAsyncContextManager[None]],
]


def up(
    world: Wired,
    *,
    port: int = PORT,
    limit: int = 8,
    on_up: Callable[[int], None] = lambda _: None,
    front: Front | None = None,
) -> None:
    """Work until SIGTERM or SIGINT. The home's info file says where this daemon listens; `on_up`
    is called with the port once it works.

    Raises `Held("home-busy")`, `Misuse("no-port")`.
    """
    lock = take_lock(world, "daemon")
    make_token(world)
    log_to_home(world, "daemon")
    end = _End()
    try:
        asyncio.run(_serve(world, port, limit, end, on_up, front))
    except BaseException:
        _log.exception("daemon broke")  # detached, nobody sees what it says
        raise
    finally:
        end.reached()
        world.home.info.unlink(missing_ok=True)
        lock.release()


class _End:
    """The end of a daemon: asked for by a signal, at once by a second one."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self._last: threading.Timer | None = None

    def ask(self) -> None:
        """Stop in good order at the first signal, at once at the second."""
        if self.asked.is_set():
            os._exit(1)
        self.asked.set()
        self._last = last_resort()

    def reached(self) -> None:
        if self._last is not None:
            self._last.cancel()


class _Turns:
    """What is known of the dispatcher: nothing before there is one."""

    def __init__(self, on_up: Callable[[], None]) -> None:
        self.dispatcher: Dispatcher | None = None
        self._on_up = on_up

    def begin(self, dispatcher: Dispatcher) -> None:
        """Know the dispatcher, and tell that it works."""
        self.dispatcher = dispatcher
        self._on_up()

    def trouble(self) -> str | None:
        """Return the code of what its turns fail of."""
        return self.dispatcher.trouble if self.dispatcher else None


async def _serve(
    world: Wired,
    port: int,
    limit: int,
    end: _End,
    on_up: Callable[[int], None],
    front: Front | None,
) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end.ask)
    listener = _bind(port)
    bound = listener.getsockname()[1]
    _tell(world, bound)
    turns = _Turns(lambda: on_up(bound))
    app = health_app(world, end.asked.is_set, lambda: bound, turns.trouble)
    entrance = Entrance(app)
    beside: contextlib.AbstractAsyncContextManager[None] = contextlib.nullcontext()
    async with _answering(entrance, listener), contextlib.AsyncExitStack() as stack:
        if front is not None:  # loading it takes as long as everything before it
            app, beside = await in_thread(front, world, app, lambda: bound, end.asked.is_set)
        await stack.enter_async_context(beside)
        entrance.lead_to(app)
        _log.info("daemon up", extra={"port": bound, "version": __version__, "pid": os.getpid()})
        await _dispatch(world, end.asked, limit, turns)
        _log.info("daemon down")


async def _dispatch(world: Wired, over: asyncio.Event, limit: int, turns: _Turns) -> None:
    async with (
        working(world, world.engine(), limit=limit) as dispatcher,
        wakeups(world, dispatcher),
    ):
        turns.begin(dispatcher)
        work = asyncio.create_task(dispatcher.run(until_quiet=False))
        stop = asyncio.create_task(over.wait())
        await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
        for task in (work, stop):
            task.cancel()
        ended = (await asyncio.gather(work, stop, return_exceptions=True))[0]
        if isinstance(ended, Exception):
            raise ended


@contextlib.asynccontextmanager
async def _answering(app: ASGIApp, listener: socket.socket) -> AsyncIterator[None]:
    """Answer health requests while inside."""
    over = asyncio.Event()
    task = asyncio.create_task(_server(app, over).serve([listener]))
    try:
        yield
    finally:
        over.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2.0):
                await task


def _server(app: ASGIApp, over: asyncio.Event) -> Server:
    import uvicorn

    from sps.daemon.wire import Bounded

    class Quiet(uvicorn.Server):
        """Leaves the signals to the daemon, and sleeps until it is over: the server's own loop
        looks ten times a second whether it is, and keeps the date that we do not send."""

        @contextlib.contextmanager
        def capture_signals(self):  # type: ignore[no-untyped-def]
            yield

        async def main_loop(self) -> None:
            await over.wait()

    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="off", http=Bounded, ws="none",
        server_header=False, date_header=False, timeout_graceful_shutdown=1,
    )  # fmt: skip
    return Quiet(config)


def _bind(port: int) -> socket.socket:
    """Take the port, or the next free one."""
    for candidate in range(port, port + _TRIES):
        # Named as TCP, or the loop would not send at once: each answer would wait 40 ms for an
        # acknowledgement of its head.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", candidate))
        except OSError:
            listener.close()
            continue
        listener.listen(128)
        with contextlib.suppress(AttributeError, OSError):  # where the system knows it
            # Connections inherit it: one whose other end takes nothing is ended by the system.
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNSENT_MS)
        return listener
    raise Misuse("no-port", f"no free port from {port} on", hint="sps up --port N")


def _tell(world: Wired, port: int) -> None:
    info = {
        "pid": os.getpid(),
        "host": "127.0.0.1",
        "port": port,
        "version": __version__,
        "started_at": rfc3339(world.clock.now()),
    }
    atomic.write(world.home.info, json.dumps(info).encode())
