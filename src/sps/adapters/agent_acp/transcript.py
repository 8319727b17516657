"""What was said and done in a session, one JSON object a line."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from sps.adapters.agent_acp.hush import Hush
from sps.ports.clock import Clock

_MOST = 16 * 1024**2


class Transcript:
    """The transcript of a session. It ends with a note when its size is used up."""

    def __init__(self, path: Path, clock: Clock, hush: Hush) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        self._handle = os.open(path, flags, 0o600)
        self._left = _MOST - os.fstat(self._handle).st_size
        self._clock = clock
        self._hush = hush

    def add(self, entry: str, /, **fields: str | int | float | None) -> None:
        """Add a line: `at` in milliseconds, `type`, and the fields that are not None."""
        if self._left <= 0:
            return
        known = {
            key: self._hush(value) if isinstance(value, str) else value
            for key, value in fields.items()
            if value is not None
        }
        line = msgspec.json.encode({"at": self._clock.now(), "type": entry, **known}) + b"\n"
        if len(line) > self._left:
            line = b'{"type":"note","text":"the transcript is full"}\n'
            self._left = 0
        self._left -= os.write(self._handle, line)

    def close(self) -> None:
        """Close the file; what is added later is dropped."""
        self._left = 0
        os.close(self._handle)
