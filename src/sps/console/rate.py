"""How often one visitor may ask: a bucket each, refilled by time."""

from __future__ import annotations

from math import ceil

from sps.ports.clock import Clock

_MOST_KNOWN = 2000
# (tokens at most, tokens per second)
_READS = (600.0, 60.0)
_WRITES = (60.0, 6.0)
_STRANGERS = (40.0, 1.0)


class Rates:
    """Buckets by visitor and sort of request. The oldest are forgotten when there are many."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._buckets: dict[tuple[str, str], tuple[float, float]] = {}

    def wait(self, who: str, *, open_route: bool, safe: bool) -> int | None:
        """Take a token; return the seconds to wait when there is none."""
        most, speed = _STRANGERS if open_route else _READS if safe else _WRITES
        key = (who, "open" if open_route else "read" if safe else "write")
        now = self._clock.steady()
        left, at = self._buckets.pop(key, (most, now))
        left = min(most, left + (now - at) * speed)
        enough = left >= 1
        self._buckets[key] = (left - 1 if enough else left, now)
        while len(self._buckets) > _MOST_KNOWN:
            self._buckets.pop(next(iter(self._buckets)))
        return None if enough else max(1, ceil((1 - left) / speed))
