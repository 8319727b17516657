"""Waiting longer after each failure, with jitter, up to a bound, and the end of a wait."""

from __future__ import annotations

#: By how much (ms) the clocks of those who share a home may differ.
SKEW_MS = 60_000


def delay(failures: int, fraction: float, *, first: float = 0.5, most: float = 300.0) -> float:
    """Return seconds to wait after `failures` failures in a row (1 or more): full jitter between
    half and all of an exponentially growing span. `fraction` is random, in [0, 1)."""
    return jittered(min(most, first * 2.0 ** min(failures - 1, 30)), fraction)


def jittered(span: float, fraction: float) -> float:
    """Return seconds between half and all of a span. `fraction` is random, in [0, 1)."""
    return span * (0.5 + fraction / 2)


def over(until: int, since: int, now: int) -> bool:
    """Whether a wait that began at `since` is over (milliseconds of the wall clock). One that would
    begin only later was measured by a clock that has been set back: nobody knows how much of it is
    left."""
    return until <= now or since > now + SKEW_MS
