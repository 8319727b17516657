"""How much an agent may write."""

from __future__ import annotations

FRAME_BYTES = 8 * 1024**2  #: the longest line
TOTAL_BYTES = 256 * 1024**2  #: all lines of a session
STDERR_BYTES = 1024**3  #: all diagnostics of a session, of which the file keeps the beginning
REPORTS = 20_000  #: messages, tool calls and permissions of a session
BAD_LINES = 100  #: in a row
_RATE = 1_000.0  # lines per second that may go on for ever
_BURST = 10_000.0  # lines at once, as when an old session is replayed


class Meter:
    """Counts lines and bytes against the bounds: a bucket that holds a burst and refills."""

    def __init__(self, now: float) -> None:
        self._tokens = _BURST
        self._filled_at = now
        self._bytes = 0

    def line(self, size: int, now: float) -> str:
        """Count a line of `size` bytes at the steady time `now`; return what is exceeded, or ""."""
        self._bytes += size
        self._tokens = min(_BURST, self._tokens + max(0.0, now - self._filled_at) * _RATE)
        self._filled_at = now
        self._tokens -= 1
        if self._tokens < 0:
            return f"more than {_RATE:.0f} messages a second"
        if self._bytes > TOTAL_BYTES:
            return f"more than {TOTAL_BYTES // 1024**2} MiB of messages"
        return ""
