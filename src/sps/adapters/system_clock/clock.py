"""The machine's clocks."""

from __future__ import annotations

import time


class SystemClock:
    """The wall clock, and a steady one for durations."""

    def now(self) -> int:
        """Return milliseconds since the epoch, UTC."""
        return time.time_ns() // 1_000_000  # noqa: TID251 - this is where the Clock gets it

    def steady(self) -> float:
        """Return seconds on a clock that never goes back."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait; a negative time is none."""
        import asyncio

        await asyncio.sleep(max(0.0, seconds))
