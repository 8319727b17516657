"""Carries the bytes of the connections of one box, within bounds."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine

from sps.adapters.egress_proxy.limits import EgressLimits

_CHUNK = 1 << 16
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Serve = Callable[[], Coroutine[object, object, None]]


class Carrier:
    """The connections that are open. `end` closes them all."""

    def __init__(self, limits: EgressLimits) -> None:
        self._limits = limits
        self._left = limits.volume
        self._open: set[asyncio.Task[None]] = set()
        self._over = False

    def begin(self, writer: asyncio.StreamWriter, serve: Serve) -> bool:
        """Serve a connection in a task of its own; False, and closed, when there are too many."""
        if self._over:  # it was accepted before the end and is handed over only now
            writer.close()
            return True
        if len(self._open) >= self._limits.connections:
            writer.close()
            return False
        task = asyncio.ensure_future(_closing(writer, serve))
        self._open.add(task)
        task.add_done_callback(self._open.discard)
        return True

    async def carry(self, near: Stream, far: Stream) -> bool:
        """Carry bytes both ways until both have ended or nothing moved for too long; close the far
        side. False when the bytes of this box are used up."""
        moved = [asyncio.get_running_loop().time()]
        pumps = [
            asyncio.ensure_future(self._pump(near[0], far[1], moved)),
            asyncio.ensure_future(self._pump(far[0], near[1], moved)),
        ]
        try:
            waiting = set(pumps)
            while waiting and self._left > 0:
                rest = moved[0] + self._limits.idle - asyncio.get_running_loop().time()
                if rest <= 0:
                    break
                done, waiting = await asyncio.wait(
                    waiting, timeout=rest, return_when=asyncio.FIRST_COMPLETED
                )
                if any(pump.exception() for pump in done):
                    break
            return self._left > 0
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            far[1].close()

    async def end(self) -> None:
        """End every connection, and those that are on their way."""
        self._over = True
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, moved: list[float]
    ) -> None:
        while chunk := await reader.read(_CHUNK):
            self._left -= len(chunk)
            if self._left <= 0:
                raise ConnectionAbortedError
            moved[0] = asyncio.get_running_loop().time()
            writer.write(chunk)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()


async def _closing(writer: asyncio.StreamWriter, serve: Serve) -> None:
    try:
        with contextlib.suppress(OSError):
            await serve()
    finally:
        writer.close()
