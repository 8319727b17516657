"""Randomness that nobody has to be able to repeat."""

from __future__ import annotations

from sps.lib.entropy import bits

_BITS = 53  # as many as a float holds exactly


class SystemChance:
    """Numbers from the operating system."""

    def fraction(self) -> float:
        """Return a number in [0, 1)."""
        return bits(_BITS) / (1 << _BITS)
