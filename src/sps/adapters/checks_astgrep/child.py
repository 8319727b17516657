"""A child process to its end: bounded output, bounded time, nothing left of it."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from asyncio.subprocess import PIPE
from dataclasses import dataclass

from sps.lib.process import clear, spawn
from sps.lib.uninterrupted import uninterrupted
from sps.ports.sandbox import Launch

MARK = "SPS_CHECK"  #: the variable by which strays are found
_CHUNK = 1 << 16
_DRAIN = 2.0


@dataclass(frozen=True)
class Ended:
    """How a child ended. `code` is None when its time was over. Of its output the beginning is
    kept, of its errors the end."""

    code: int | None
    out: bytes
    err: bytes
    cut: bool = False  #: there was more output


class _Kept:
    """The bytes of a stream that are kept."""

    def __init__(self, cap: int, *, last: bool) -> None:
        self._cap = cap
        self._last = last
        self.content = bytearray()
        self.cut = False

    async def fill(self, stream: asyncio.StreamReader | None) -> None:
        while stream is not None and (piece := await stream.read(_CHUNK)):
            self.content += piece
            beyond = len(self.content) - self._cap
            if beyond <= 0:
                continue
            self.cut = True
            if self._last:
                del self.content[:beyond]
            else:
                del self.content[self._cap :]


def fresh_mark() -> str:
    """Return a mark that no other process carries."""
    return secrets.token_hex(16)


async def finish(
    launch: Launch, *, stdin: bytes, timeout: float, out_cap: int, err_cap: int
) -> Ended:
    """Run a child. Its environment has to hold `MARK`. Raises `OSError` when it cannot start.
    However this ends, nothing of the child is left."""
    out, err = _Kept(out_cap, last=False), _Kept(err_cap, last=True)
    child: asyncio.subprocess.Process | None = None
    readers: list[asyncio.Task[None]] = []
    code: int | None = None
    try:
        child = await spawn(
            launch.argv, env=launch.env, cwd=launch.cwd,
            stdin=PIPE, stdout=PIPE, stderr=PIPE,
        )  # fmt: skip
        readers = [
            asyncio.ensure_future(out.fill(child.stdout)),
            asyncio.ensure_future(err.fill(child.stderr)),
        ]
        async with asyncio.timeout(timeout):
            await _feed(child, stdin)
            code = await child.wait()
    except TimeoutError:
        # It may have ended while somebody that it left behind still holds its pipes.
        code = child.returncode if child else None
    finally:
        await uninterrupted(clear(child, MARK, launch.env.get(MARK, "")))
        await uninterrupted(_drained(readers))
    return Ended(code, bytes(out.content), bytes(err.content), cut=out.cut)


async def _feed(child: asyncio.subprocess.Process, content: bytes) -> None:
    assert child.stdin is not None
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        child.stdin.write(content)
        await child.stdin.drain()
    child.stdin.close()


async def _drained(readers: list[asyncio.Task[None]]) -> None:
    """Take what is left in the pipes, for a moment."""
    if not readers:
        return
    _, late = await asyncio.wait(readers, timeout=_DRAIN)
    for reader in late:
        reader.cancel()
    await asyncio.gather(*readers, return_exceptions=True)
