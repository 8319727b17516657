"""The agent's stderr: always drained, kept up to a bound."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from sps.adapters.agent_acp.ending import Stop
from sps.adapters.agent_acp.flood import STDERR_BYTES
from sps.adapters.agent_acp.hush import INSTEAD, Hush
from sps.lib.terminal import clean
from sps.model.run import Outcome

_KEPT = 16 * 1024**2
_TAIL = 4096
_LINE = 300
_HARMLESS = 8  # bytes of the begin of a login


class Diagnostics:
    """Pumps stderr into a file, so that an agent can never block on it."""

    def __init__(self, path: Path, hush: Hush) -> None:
        self._path = path
        self._hush = hush
        self._tail = b""

    @property
    def last_line(self) -> str:
        """The last line that says something, made safe to show."""
        lines = self._tail.decode(errors="replace").splitlines()
        said = [line.strip() for line in lines if line.strip()]
        return clean(said[-1])[:_LINE] if said else ""

    async def pump(self, reader: asyncio.StreamReader, stop: Stop) -> None:
        """Read to the end; beyond all measure it is a reason to stop."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        handle = os.open(self._path, flags, 0o600)
        seen, left, rest = 0, _KEPT - os.fstat(handle).st_size, b""
        try:
            while chunk := await reader.read(1 << 16):
                seen += len(chunk)
                said, rest = self._hush.stream(rest + chunk)
                self._tail = (self._tail + said)[-_TAIL:]
                if left > 0:
                    left -= os.write(handle, said[:left])
                if seen > STDERR_BYTES:
                    stop.set(Outcome.FLOOD, f"more than {STDERR_BYTES // 1024**2} MiB on stderr")
                await asyncio.sleep(0)
        finally:
            # Most of a login that was cut off is as bad as the whole.
            end = rest if len(rest) < _HARMLESS else INSTEAD.encode()
            self._tail = (self._tail + end)[-_TAIL:]
            os.write(handle, end[: max(0, left)])
            os.close(handle)
