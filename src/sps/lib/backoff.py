"""Waiting longer after each failure, with jitter, up to a bound."""

from __future__ import annotations


def delay(failures: int, fraction: float, *, first: float = 0.5, most: float = 300.0) -> float:
    """Return seconds to wait after `failures` failures in a row (1 or more): full jitter between
    half and all of an exponentially growing span. `fraction` is random, in [0, 1)."""
    return jittered(min(most, first * 2.0 ** min(failures - 1, 30)), fraction)


def jittered(span: float, fraction: float) -> float:
    """Return seconds between half and all of a span. `fraction` is random, in [0, 1)."""
    return span * (0.5 + fraction / 2)
