"""How often one visitor may ask: a bucket each, refilled by time."""

from __future__ import annotations

from math import ceil

from sps.ports.clock import Clock

_MOST_KNOWN = 2000
# (tokens at most, tokens per second)
_READS = (600.0, 60.0)
_WRITES = (60.0, 6.0)
_FAILURES = (10.0, 10 / 60)
_NOTES = (30.0, 1.0)


class Rates:
    """Buckets by visitor and sort of request. The oldest are forgotten when there are many."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._buckets: dict[tuple[str, str], tuple[float, float]] = {}

    def wait(self, who: str, *, safe: bool) -> int | None:
        """Count a request; return the seconds to wait when there were too many."""
        return self._take(who, "read" if safe else "write", _READS if safe else _WRITES)

    def failed(self, who: str) -> int | None:
        """Count a proof that proves nothing; return the seconds to wait after too many. Who has a
        good one is never held up by those who try."""
        return self._take(who, "proof", _FAILURES)

    def spent(self, who: str) -> int | None:
        """Return the seconds to wait when no failure is left, without counting one."""
        most, speed = _FAILURES
        left, at = self._buckets.get((who, "proof"), (most, 0.0))
        left += max(0.0, self._clock.steady() - at) * speed
        return None if left >= 1 else max(1, ceil((1 - left) / speed))

    def telling(self) -> bool:
        """Whether one more refusal is written down: a flood of them is not."""
        return self._take("", "note", _NOTES) is None

    def _take(self, who: str, sort: str, bucket: tuple[float, float]) -> int | None:
        most, speed = bucket
        key, now = (who, sort), self._clock.steady()
        left, at = self._buckets.pop(key, (most, now))
        left = min(most, left + max(0.0, now - at) * speed)
        enough = left >= 1
        self._buckets[key] = (left - 1 if enough else left, now)
        while len(self._buckets) > _MOST_KNOWN:
            self._buckets.pop(next(iter(self._buckets)))
        return None if enough else max(1, ceil((1 - left) / speed))
