"""Being a worker: when a lease begins to count, and what is over before it is given back."""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sps.bootstrap import Wired
from sps.daemon import membership as module
from sps.daemon.membership import membership
from sps.flow import tag
from sps.model.errors import Held
from sps.ports.lease import TTL_S
from sps.ports.store import Worker
from tests.fakes.small_world import small_world


class Row:
    """A `Lease` in memory, which can be slow, in other hands, or silent."""

    def __init__(self) -> None:
        self.taking: Callable[[], None] = lambda: None
        self.releasing: Callable[[], None] = lambda: None
        self.holds: bool | None = True
        self.released = 0

    def take(self, worker: Worker) -> None:
        self.taking()

    def renew(self) -> bool | None:
        return self.holds

    def release(self) -> None:
        self.releasing()
        self.released += 1


@pytest.fixture
def row() -> Row:
    return Row()


@pytest.fixture
def world(tmp_path: Path, row: Row) -> Iterator[Wired]:
    it = small_world(tmp_path / "home")
    vars(it).update(lease=row)
    yield it
    it.store.close()


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch, world: Wired) -> list[float]:
    """The machine's clock, moved by the test, and by who sleeps."""
    now = [100.0]

    async def sleep(pause: float) -> None:
        now[0] += pause

    monkeypatch.setattr(module, "_now", lambda: now[0])
    monkeypatch.setattr(world.clock, "sleep", sleep)
    return now


def test_lease_that_was_long_in_the_taking_counts_from_when_it_was_asked_for(
    world: Wired, row: Row, seconds: list[float]
) -> None:
    def slowly() -> None:
        seconds[0] += TTL_S - 2

    async def life() -> None:
        async with membership(world) as member:
            assert member is not None
            row.holds = None
            seconds[0] = 100.0 + TTL_S - 0.5
            async with asyncio.timeout(30):
                while not member.lost:  # noqa: ASYNC110 - a thread of its own finds out
                    await asyncio.sleep(0.01)

    row.taking = slowly
    asyncio.run(life())
    assert row.released == 0  # it may be somebody else's


def test_lease_is_given_back_only_when_nothing_of_ours_works_any_more(
    world: Wired, row: Row
) -> None:
    env = {**os.environ, tag.VARIABLE: f"{tag.home_prefix(world)}card/1/run"}
    agent = subprocess.Popen(["sleep", "60"], env=env)
    seen: list[int | None] = []

    def look() -> None:
        with_end = time.monotonic() + 10
        while agent.poll() is None and time.monotonic() < with_end:
            time.sleep(0.01)
        seen.append(agent.poll())

    async def life() -> None:
        async with membership(world):
            assert agent.poll() is None

    row.releasing = look
    try:
        asyncio.run(life())
    finally:
        agent.kill()
        agent.wait()
    assert seen == [-9]


def test_lease_is_given_back_when_the_seats_of_an_earlier_life_cannot_be_left(
    world: Wired, row: Row
) -> None:
    def refuse(change: object) -> None:
        raise Held("database-locked", "in use")

    async def life() -> None:
        world.store.write = refuse  # type: ignore[method-assign]
        async with membership(world):
            raise AssertionError

    with pytest.raises(Held):
        asyncio.run(life())
    assert row.released == 1


@pytest.mark.parametrize("alive", [False, True])
def test_name_in_other_hands_is_waited_for_until_its_holder_must_be_dead(
    world: Wired, row: Row, seconds: list[float], alive: bool
) -> None:
    def other() -> None:
        if alive or seconds[0] < 100.0 + TTL_S:
            raise Held("worker-name-taken", "a copy")

    async def life() -> None:
        async with membership(world):
            pass

    row.taking = other
    if alive:
        with pytest.raises(Held):
            asyncio.run(life())
    else:
        asyncio.run(life())
    assert 100.0 + TTL_S <= seconds[0] <= 100.0 + TTL_S + 3
