"""The clock, ids and chance that other tests stand on."""

from __future__ import annotations

import asyncio
import re

import pytest

from tests.fakes.clock import EPOCH_MS, FakeClock, FakeIds, FixedChance


async def _sleeper(
    clock: FakeClock, seen: list[tuple[str, float]], name: str, *waits: float
) -> None:
    for wait in waits:
        await clock.sleep(wait)
        seen.append((name, clock.steady()))


def test_nothing_moves_until_the_test_says_so() -> None:
    async def scenario() -> None:
        clock = FakeClock()
        seen: list[tuple[str, float]] = []
        task = asyncio.create_task(_sleeper(clock, seen, "a", 10))
        await clock.until_sleeping(1)
        await clock.advance(9.5)
        assert (clock.now(), clock.steady(), seen) == (EPOCH_MS + 9500, 9.5, [])
        await clock.advance(0.5)
        assert seen == [("a", 10)]
        await task

    asyncio.run(scenario())


def test_sleepers_wake_in_order_of_their_deadlines_also_when_they_sleep_again() -> None:
    async def scenario() -> None:
        clock = FakeClock()
        seen: list[tuple[str, float]] = []
        tasks = [
            asyncio.create_task(_sleeper(clock, seen, "slow", 5, 5)),
            asyncio.create_task(_sleeper(clock, seen, "fast", 2, 2, 2)),
        ]
        await clock.until_sleeping(2)
        await clock.advance(100)
        assert seen == [("fast", 2), ("fast", 4), ("slow", 5), ("fast", 6), ("slow", 10)]
        assert clock.steady() == 100
        await asyncio.gather(*tasks)

    asyncio.run(scenario())


def test_cancelled_sleeper_is_forgotten() -> None:
    async def scenario() -> None:
        clock = FakeClock()
        task = asyncio.create_task(clock.sleep(5))
        await clock.until_sleeping(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert clock.sleeping == 0
        await clock.advance(10)

    asyncio.run(scenario())


def test_autojump_ends_waits_without_waiting() -> None:
    async def scenario() -> None:
        clock = FakeClock(autojump=0.001)
        seen: list[tuple[str, float]] = []
        await asyncio.gather(
            _sleeper(clock, seen, "a", 3600, 3600), _sleeper(clock, seen, "b", 5000)
        )
        assert seen == [("a", 3600), ("b", 5000), ("a", 7200)]

    asyncio.run(scenario())


def test_wall_clock_jumps_back_and_the_steady_one_does_not() -> None:
    async def scenario() -> None:
        clock = FakeClock()
        await clock.advance(10)
        clock.set_wall(1000)
        await clock.advance(1)
        assert (clock.now(), clock.steady()) == (2000, 11)

    asyncio.run(scenario())


def test_ids_have_the_form_of_ulids_sort_and_are_the_same_in_each_run() -> None:
    ids, again = FakeIds(), FakeIds()
    made = [ids.new() for _ in range(2000)]
    assert made == sorted(set(made))
    assert all(re.fullmatch("[0-7][0-9A-HJKMNP-TV-Z]{25}", each) for each in made)
    assert again.new() == made[0]


def test_chance_gives_its_fractions_in_turn() -> None:
    chance = FixedChance(0.1, 0.9)
    assert [chance.fraction() for _ in range(3)] == [0.1, 0.9, 0.1]
    with pytest.raises(ValueError):
        FixedChance(1.0)
