"""Carrying a child's output from a pipe into a log, without waiting for who else holds the pipe."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable

_CHUNK = 1 << 18


class Pump:
    """A pipe whose reading end is emptied into `sink` as the event loop turns. Must be made and
    closed in a running loop."""

    def __init__(self, sink: Callable[[bytes], None]) -> None:
        self._sink = sink
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        self._reader, self.writer = os.pipe()
        os.set_blocking(self._reader, False)
        self._loop.add_reader(self._reader, self._ready)

    def close_writer(self) -> None:
        """Let go of the end that the child has by now."""
        if self.writer >= 0:
            os.close(self.writer)
            self.writer = -1

    async def close(self, *, timeout: float) -> None:
        """Wait until every holder of the pipe is gone, or until `timeout` seconds are over."""
        self.close_writer()
        try:
            # A process that escaped may still hold it: then what is there has been taken.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(timeout):
                    await self._ended.wait()
        finally:
            self._loop.remove_reader(self._reader)
            os.close(self._reader)

    def _ready(self) -> None:
        try:
            piece = os.read(self._reader, _CHUNK)
        except BlockingIOError:
            return
        if piece:
            self._sink(piece)
            return
        self._loop.remove_reader(self._reader)
        self._ended.set()
