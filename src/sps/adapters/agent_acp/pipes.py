"""The three pipes to an agent.

They are ours and not asyncio's, because there a child's end is only known once nobody holds its
pipes open any more, and a stray grandchild can do that for ever.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, field

_BUFFER = 1 << 18


class _Input(asyncio.Protocol):
    """Knows when the pipe to the child is gone."""

    lost = False

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self.lost = True


@dataclass
class Pipes:
    """Both ends of stdin, stdout and stderr until the child has its own."""

    inner: list[int] = field(default_factory=list)  #: stdin, stdout, stderr of the child
    outer: list[int] = field(default_factory=list)  #: our end of each
    _readers: list[asyncio.BaseTransport] = field(default_factory=list)
    _writer: tuple[asyncio.WriteTransport, _Input] | None = None

    @classmethod
    def open(cls) -> Pipes:
        """Make them. Whoever calls this calls `close`."""
        pipes = cls()
        for number in range(3):
            read, write = os.pipe()
            inner, outer = (read, write) if number == 0 else (write, read)
            pipes.inner.append(inner)
            pipes.outer.append(outer)
        return pipes

    def release(self) -> None:
        """Close the child's ends here, once it has them."""
        while self.inner:
            os.close(self.inner.pop())

    async def writer(self) -> asyncio.WriteTransport:
        """Return what writes to the child's stdin; it buffers without bound."""
        loop = asyncio.get_running_loop()
        file = os.fdopen(self._take(0), "wb", 0)
        self._writer = await loop.connect_write_pipe(_Input, file)
        return self._writer[0]

    async def reader(self, number: int) -> asyncio.StreamReader:
        """Return what reads from the child's stdout (1) or stderr (2), with backpressure."""
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(_BUFFER)
        file = os.fdopen(self._take(number), "rb", 0)
        transport, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), file
        )
        self._readers.append(transport)
        return reader

    def close(self) -> None:
        """Close whatever is still open."""
        self.release()
        for transport in self._readers:
            transport.close()
        if self._writer is not None and not self._gone(*self._writer):
            # What the child has not read by now it will never read.
            self._writer[0].abort()
        for handle in self.outer:
            if handle >= 0:
                os.close(handle)
        self.outer.clear()

    @staticmethod
    def _gone(transport: asyncio.WriteTransport, end: _Input) -> bool:
        """Whether the pipe is closed, or will be before anything else happens: to abort it then
        would have asyncio close it twice, which it does not bear."""
        return end.lost or (transport.is_closing() and transport.get_write_buffer_size() == 0)

    def _take(self, number: int) -> int:
        handle, self.outer[number] = self.outer[number], -1
        return handle
