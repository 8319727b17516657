"""The console behind a real socket of this machine, in a thread of its own.

with served(world) as port: ...              # http://127.0.0.1:{port}
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator

from sps.bootstrap import Wired
from sps.console.front import front
from sps.daemon.health import health_app
from sps.daemon.place import Listening
from sps.daemon.up import _answering, _bind

PATIENCE_S = 10.0
_FIRST_PORT = 20_000


@contextlib.contextmanager
def served(world: Wired, where: Listening | None = None) -> Iterator[int]:
    """Serve a world's console while inside; give the port."""
    at = where or Listening(port=_FIRST_PORT)
    listener = _bind(at.port, at.address)
    place = at.at(int(listener.getsockname()[1]))
    loops: list[asyncio.AbstractEventLoop] = []
    now, over = threading.Event(), asyncio.Event()

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        health = health_app(world, lambda: False, place)
        app, beside = front(world, health, place, lambda: False)
        async with _answering(app, listener, at.tls), beside:
            now.set()
            await over.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert now.wait(PATIENCE_S)
    try:
        yield place.port
    finally:
        loops[0].call_soon_threadsafe(over.set)
        thread.join(PATIENCE_S)
        assert not thread.is_alive(), "the server did not end"
