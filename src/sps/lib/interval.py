"""How sure a share is: intervals for shares of few trials, after Wilson and Newcombe."""

from __future__ import annotations

from math import sqrt

_Z = 1.959963984540054  # both tails together hold 5 %


def wilson(good: int, trials: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (E. B. Wilson, 1927); without a trial, everything."""
    if trials == 0:
        return 0.0, 1.0
    share = good / trials
    centre = share + _Z**2 / (2 * trials)
    spread = _Z * sqrt(share * (1 - share) / trials + _Z**2 / (4 * trials**2))
    scale = 1 + _Z**2 / trials
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def difference(one: tuple[int, int], other: tuple[int, int]) -> tuple[float, float]:
    """Return the 95 % interval of the difference of two shares, each as (good, trials): Newcombe's
    method 10 (1998), which holds for few trials as well. Both need at least one trial."""
    first, second = one[0] / one[1], other[0] / other[1]
    low_1, high_1 = wilson(*one)
    low_2, high_2 = wilson(*other)
    below = sqrt((first - low_1) ** 2 + (high_2 - second) ** 2)
    above = sqrt((high_1 - first) ** 2 + (second - low_2) ** 2)
    return first - second - below, first - second + above
