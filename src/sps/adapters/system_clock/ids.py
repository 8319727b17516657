"""ULIDs: 48 bits of milliseconds and 80 bits of chance in Crockford's base 32."""

from __future__ import annotations

import threading

from sps.lib.entropy import bits
from sps.ports.clock import Clock

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 26
_CHANCE_BITS = 80
_STEP_BITS = 32  # a step this wide keeps the ids of one millisecond hard to guess
_LAST = (1 << 128) - 1


class UlidIds:
    """Makes ids that sort in the order of their making, from any thread, even while the wall clock
    stands still or goes back."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._last = 0

    def new(self) -> str:
        """Return a ULID greater than each one before it."""
        with self._lock:
            fresh = self._clock.now() << _CHANCE_BITS | bits(_CHANCE_BITS)
            if fresh >> _CHANCE_BITS <= self._last >> _CHANCE_BITS:
                fresh = self._last + 1 + bits(_STEP_BITS)
            self._last = min(fresh, _LAST)
            return _text(self._last)


def _text(value: int) -> str:
    return "".join(_ALPHABET[value >> 5 * place & 31] for place in reversed(range(_LENGTH)))
