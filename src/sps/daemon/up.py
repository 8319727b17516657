"""The daemon: dispatcher and servers together, until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import logging
import os
import socket
import threading
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

from sps import __version__
from sps.bootstrap import Wired
from sps.daemon.dispatcher import Dispatcher
from sps.daemon.entrance import Entrance
from sps.daemon.health import health_app, make_token
from sps.daemon.lease_lost import LeaseLost, pause
from sps.daemon.life import end_with, last_resort, log_to_home, take_lock, work_until, working
from sps.daemon.place import HOST, Listening, Place, announce, listening
from sps.daemon.wakeups import wakeups
from sps.lib import atomic
from sps.lib.threads import in_thread
from sps.lib.times import rfc3339
from sps.model.errors import Misuse

if TYPE_CHECKING:
    from ssl import SSLContext

    from starlette.types import ASGIApp
    from uvicorn import Server

PORT = 4311
_TRIES = 50
_HIGHEST_PORT = 65_535
_UNSENT_MS = 30_000
_log = logging.getLogger(__name__)

# Puts something in front of the health answers: given those, its place and whether the daemon is on
# its way out, it returns the application and what runs beside it. It is called in a thread.
Front = Callable[
    [Wired, "ASGIApp", Place, Callable[[], bool]],
    tuple["ASGIApp", contextlib.AbstractAsyncContextManager[None]],
]


def up(
    world: Wired,
    *,
    port: int = PORT,
    host: str = HOST,
    limit: int = 8,
    on_up: Callable[[Place], None] = lambda _: None,
    front: Front | None = None,
) -> None:
    """Work until `end_with` says so. The home's info file says where this daemon listens; `on_up`
    is called with its place once it works. A host that is not this machine's own needs what the
    owner has given for access from other machines.

    Raises `Held("home-busy")`, `Misuse("no-port")`, and what `listening` raises.
    """
    where = listening(world, host, port)
    lock = take_lock(world, "daemon")
    make_token(world)
    log_to_home(world, "daemon")
    end = _End()
    try:
        asyncio.run(_serve(world, where, limit, end, on_up, front))
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
    where: Listening,
    limit: int,
    end: _End,
    on_up: Callable[[Place], None],
    front: Front | None,
) -> None:
    end_with(end.ask)
    listener = _bind(where.port, where.address)
    place = where.at(listener.getsockname()[1])
    _tell(world, where, place)
    turns = _Turns(lambda: on_up(place))
    app = health_app(world, end.asked.is_set, place, turns.trouble)
    entrance = Entrance(app)
    beside: contextlib.AbstractAsyncContextManager[None] = contextlib.nullcontext()
    async with _answering(entrance, listener, where.tls), contextlib.AsyncExitStack() as stack:
        announce(where, place.port)
        if front is not None:  # loading it takes as long as everything before it
            app, beside = await in_thread(front, world, app, place, end.asked.is_set)
        await stack.enter_async_context(beside)
        entrance.lead_to(app)
        said = {"port": place.port, "version": __version__, "pid": os.getpid()}
        _log.info("daemon up", extra=said)
        await _dispatch(world, end.asked, limit, turns)
        _log.info("daemon down")


async def _dispatch(world: Wired, over: asyncio.Event, limit: int, turns: _Turns) -> None:
    """Work; a home that lost its lease begins anew, as after a crash."""
    while not over.is_set():
        try:
            await _work(world, over, limit, turns)
        except LeaseLost:
            await pause(world, over)


async def _work(world: Wired, over: asyncio.Event, limit: int, turns: _Turns) -> None:
    async with (
        working(world, world.engine(), limit=limit) as dispatcher,
        wakeups(world, dispatcher),
    ):
        turns.begin(dispatcher)
        await work_until(over, dispatcher)


@contextlib.asynccontextmanager
async def _answering(
    app: ASGIApp, listener: socket.socket, tls: SSLContext | None = None
) -> AsyncIterator[None]:
    """Answer requests while inside."""
    over = asyncio.Event()
    task = asyncio.create_task(_server(app, over, tls).serve([listener]))
    try:
        yield
    finally:
        over.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2.0):
                await task


def _server(app: ASGIApp, over: asyncio.Event, tls: SSLContext | None) -> Server:
    import uvicorn

    from sps.daemon.wire import HEAD_S, Bounded, only_tls

    class Quiet(uvicorn.Server):
        """Leaves the signals to the daemon, and sleeps until it is over: the server's own loop
        looks ten times a second whether it is, and keeps the date that we do not send."""

        @contextlib.contextmanager
        def capture_signals(self):  # type: ignore[no-untyped-def]
            yield

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            def protocol() -> Bounded:
                return Bounded(config=config, server_state=self.server_state, app_state={})

            patience = None if tls is None else HEAD_S
            self.servers = [
                await asyncio.get_running_loop().create_server(
                    protocol, sock=one, ssl=tls, ssl_handshake_timeout=patience
                )
                for one in sockets or ()
            ]
            self.started = True

        async def main_loop(self) -> None:
            await over.wait()

    # What proxies would say of the client is not believed: anybody on this machine can say it.
    config = uvicorn.Config(
        app if tls is None else only_tls(app), log_config=None, access_log=False, lifespan="off",
        http=Bounded, ws="none", server_header=False, date_header=False, proxy_headers=False,
        timeout_graceful_shutdown=1,
    )  # fmt: skip
    return Quiet(config)


def _bind(port: int, address: str = HOST) -> socket.socket:
    """Take the port, or the next free one. Raises `Misuse` with no-port, bad-host."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for candidate in range(port, min(port + _TRIES, _HIGHEST_PORT + 1)):
        # Named as TCP, or the loop would not send at once: each answer would wait 40 ms for an
        # acknowledgement of its head.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((address, candidate))
        except OSError as err:
            listener.close()
            if err.errno == errno.EADDRNOTAVAIL:
                says = f"{address} is no address of this machine"
                raise Misuse("bad-host", says, hint="sps up --host 127.0.0.1") from err
            continue
        listener.listen(128)
        with contextlib.suppress(AttributeError, OSError):  # where the system knows it
            # Connections inherit it: one whose other end takes nothing is ended by the system.
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNSENT_MS)
        return listener
    raise Misuse("no-port", f"no free port from {port} on", hint="sps up --port N")


def _tell(world: Wired, where: Listening, place: Place) -> None:
    info = {
        "pid": os.getpid(),
        "host": where.near,
        "port": place.port,
        "url": place.url,
        "version": __version__,
        "started_at": rfc3339(world.clock.now()),
    }
    atomic.write(world.home.info, json.dumps(info).encode())
