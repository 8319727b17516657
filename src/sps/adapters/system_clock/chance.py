"""Randomness that nobody has to be able to repeat."""

from __future__ import annotations

import secrets

_BITS = 53  # as many as a float holds exactly


class SystemChance:
    """Numbers from the operating system."""

    def fraction(self) -> float:
        """Return a number in [0, 1)."""
        return secrets.randbits(_BITS) / (1 << _BITS)
