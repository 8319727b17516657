"""Time and identity come from outside, so that tests decide them."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """The wall clock for records and a steady one for durations."""

    def now(self) -> int:
        """Return milliseconds since the epoch, UTC. May jump."""
        ...

    def steady(self) -> float:
        """Return seconds on a clock that never goes back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait on the steady clock."""
        ...


class Ids(Protocol):
    """Fresh identifiers."""

    def new(self) -> str:
        """Return a new ULID: 26 characters, sortable by time of making, unique."""
        ...


class Chance(Protocol):
    """Randomness for jitter."""

    def fraction(self) -> float:
        """Return a number in [0, 1)."""
        ...
