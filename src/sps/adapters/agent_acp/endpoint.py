"""The host side of an agent's one endpoint."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from sps.model.errors import Misuse
from sps.ports.sandbox import Relay

_CHUNK = 1 << 16
_CONNECT = 30.0  # seconds
_MOST = 64  # connections at a time


def address(endpoint: str) -> tuple[str, int]:
    """Return host and port of `http://host:port`. Raises `Misuse("bad-endpoint")`."""
    parts = urlsplit(endpoint)
    with contextlib.suppress(ValueError):
        bare = parts.path in {"", "/"} and not parts.query and parts.username is None
        if parts.scheme == "http" and parts.hostname and parts.port and bare:
            return parts.hostname, parts.port
    raise Misuse(
        "bad-endpoint",
        f"the endpoint {endpoint!r} is not http://host:port",
        hint="sps agent list",
    )


@asynccontextmanager
async def bridge(endpoint: str | None) -> AsyncIterator[Relay | None]:
    """Serve a unix socket that leads to exactly this endpoint, until the block ends."""
    if endpoint is None:
        yield None
        return
    host, port = address(endpoint)
    # Not below the run's folder: a socket's path may have 100 bytes only.
    folder = tempfile.mkdtemp(prefix="sps-")
    path = os.path.join(folder, "endpoint")
    joined = _Joined(host, port)
    try:
        server = await asyncio.start_unix_server(joined.accept, path)
        try:
            yield Relay(socket=path, port=port)
        finally:
            server.close()
            await joined.end()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Joined:
    """The connections that are open."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._open: set[asyncio.Task[None]] = set()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._open) >= _MOST:
            writer.close()
            return
        task = asyncio.create_task(self._join(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def end(self) -> None:
        """End them all."""
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far: asyncio.StreamWriter | None = None
        try:
            far_reader, far_writer = await asyncio.wait_for(
                asyncio.open_connection(self._host, self._port), _CONNECT
            )
            far = far_writer
            await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))
        except (TimeoutError, OSError):
            return
        finally:
            writer.close()
            if far is not None:
                far.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(_CHUNK):
        writer.write(chunk)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()
