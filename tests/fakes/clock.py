"""Time, ids and chance that tests decide.

`FakeClock` implements `sps.ports.clock.Clock`. Nothing moves by itself:

    clock = FakeClock()
    waiting = asyncio.create_task(thing_that_sleeps(clock))
    await clock.until_sleeping(1)    # it has reached its sleep
    await clock.advance(60)          # one minute later; sleepers wake in order of their deadlines

`FakeClock(autojump=0.01)` jumps to the next deadline when no sleep began or ended for that many
real seconds. It is for tests that only want waits to be over; where threads or child processes
do the work that is waited for, advance by hand instead. `set_wall` makes the wall clock jump, as a
real one may; the steady clock never goes back.

`FakeIds` gives 26-character ids that sort by their making, the same ones in each run.
`FixedChance(0.5)` always says 0.5; with several fractions it gives them in turn, over and over.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools

EPOCH_MS = 1_700_000_000_000
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PREFIX = "01FAKE"


class FakeClock:
    """A wall clock in milliseconds and a steady one in seconds, moved by the test."""

    def __init__(self, start_ms: int = EPOCH_MS, *, autojump: float | None = None) -> None:
        self._wall_ms = float(start_ms)
        self._steady = 0.0
        self._autojump = autojump
        self._timer: asyncio.TimerHandle | None = None
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._watchers: set[asyncio.Event] = set()

    def now(self) -> int:
        return int(self._wall_ms)

    def steady(self) -> float:
        return self._steady

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        wakened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._steady + seconds, next(self._order), wakened))
        self._notice()
        try:
            await wakened
        finally:
            self._notice()

    @property
    def sleeping(self) -> int:
        """How many tasks sleep now."""
        return sum(not wakened.done() for _, _, wakened in self._sleepers)

    async def until_sleeping(self, count: int) -> None:
        """Wait until at least so many tasks sleep. Raises `TimeoutError` after 30 real seconds."""
        changed = asyncio.Event()
        self._watchers.add(changed)
        try:
            async with asyncio.timeout(30):
                while self.sleeping < count:
                    changed.clear()
                    await changed.wait()
        finally:
            self._watchers.discard(changed)

    async def advance(self, seconds: float) -> None:
        """Let time pass; whoever wakes may run, and sleep again, before time goes on."""
        end = self._steady + seconds
        while (deadline := self._next()) is not None and deadline <= end:
            self._jump(deadline)
            await _settle()
        self._pass(end - self._steady)
        await _settle()

    def set_wall(self, ms: int) -> None:
        """Set the wall clock, backwards too. Nobody wakes from this."""
        self._wall_ms = float(ms)

    def _next(self) -> float | None:
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)
        return self._sleepers[0][0] if self._sleepers else None

    def _pass(self, seconds: float) -> None:
        self._steady += seconds
        self._wall_ms += seconds * 1000

    def _jump(self, deadline: float) -> None:
        self._pass(deadline - self._steady)
        self._steady = deadline  # exactly, whatever the sum rounded to
        while self._sleepers and self._sleepers[0][0] <= deadline:
            wakened = heapq.heappop(self._sleepers)[2]
            if not wakened.done():
                wakened.set_result(None)

    def _notice(self) -> None:
        for changed in self._watchers:
            changed.set()
        if self._autojump is None:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(self._autojump, self._on_quiet)

    def _on_quiet(self) -> None:
        deadline = self._next()
        if deadline is not None:
            self._jump(deadline)


class FakeIds:
    """Ids in a fixed order: a prefix and a counter in the alphabet of ULIDs."""

    def __init__(self, first: int = 1) -> None:
        self._next = itertools.count(first)

    def new(self) -> str:
        number, digits = next(self._next), ""
        while number:
            number, digit = divmod(number, len(_ALPHABET))
            digits = _ALPHABET[digit] + digits
        return _PREFIX + digits.rjust(26 - len(_PREFIX), "0")


class FixedChance:
    """The given fractions in turn, for ever."""

    def __init__(self, *fractions: float) -> None:
        if not all(0 <= fraction < 1 for fraction in fractions):
            raise ValueError("fractions are in [0, 1)")
        self._fractions = itertools.cycle(fractions or (0.5,))

    def fraction(self) -> float:
        return next(self._fractions)


async def _settle() -> None:
    """Let every task that can run do so, a bounded number of rounds deep."""
    for _ in range(20):
        await asyncio.sleep(0)
