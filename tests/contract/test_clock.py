"""Time, ids and chance."""

from __future__ import annotations

import asyncio
import concurrent.futures

import pytest

from sps.adapters.system_clock import SystemChance, SystemClock, UlidIds


class _Set:
    """A clock that shows what it is told to show."""

    def __init__(self, *times: int) -> None:
        self.times = list(times)

    def now(self) -> int:
        return self.times.pop(0) if len(self.times) > 1 else self.times[0]

    def steady(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise AssertionError(seconds)


def test_wall_clock_is_milliseconds_since_the_epoch() -> None:
    assert 1_700_000_000_000 < SystemClock().now() < 10_000_000_000_000


def test_steady_clock_never_goes_back_and_sleep_passes_it() -> None:
    clock = SystemClock()
    before = clock.steady()
    asyncio.run(clock.sleep(0.01))
    assert clock.steady() >= before + 0.01
    asyncio.run(clock.sleep(-1))


def test_ids_are_ulids_of_their_millisecond() -> None:
    made = UlidIds(_Set(0x0123456789AB)).new()
    assert len(made) == 26
    assert set(made) <= set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    value = 0
    for sign in made[:10]:
        value = value * 32 + "0123456789ABCDEFGHJKMNPQRSTVWXYZ".index(sign)
    assert value == 0x0123456789AB


@pytest.mark.parametrize("times", [(5,), (9, 5, 4, 3), (5, 6, 6, 4, 7)])
def test_ids_rise_while_the_clock_stands_still_or_goes_back(times: tuple[int, ...]) -> None:
    ids = UlidIds(_Set(*times))
    made = [ids.new() for _ in range(500)]
    assert made == sorted(set(made))


def test_ids_from_many_threads_differ() -> None:
    ids = UlidIds(_Set(7))
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: ids.new(), range(2000)))
    assert len(set(made)) == 2000


def test_chance_is_a_fraction_and_varies() -> None:
    chance = SystemChance()
    seen = {chance.fraction() for _ in range(100)}
    assert len(seen) > 90
    assert all(0 <= value < 1 for value in seen)
