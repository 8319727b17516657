"""Random bits of the operating system, without the weight of a module that can do more."""

from __future__ import annotations

import os


def bits(count: int) -> int:
    """Return a number of `count` unpredictable bits: at least 0, below 2**count."""
    size = (count + 7) // 8
    return int.from_bytes(os.urandom(size), "big") >> (8 * size - count)
