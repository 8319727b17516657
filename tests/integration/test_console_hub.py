"""The stream: nothing lost, nothing told twice, slow readers and closing."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sps.bootstrap import Wired, open_world
from sps.console import hub as hubs
from sps.console import streaming
from sps.console.hub import REPLAY, Hub, TooManyStreams, View
from sps.console.streaming import pour
from sps.daemon.metrics import SSE_CLIENTS
from sps.model.card import CardState
from sps.model.event import Event
from sps.ports.store import EventQuery
from tests.fakes.small_world import card_in, small_world
from tests.integration.console_scene import console_scene
from tests.integration.hub_reader import ALL, Reader, add_events, last, run

_ID = re.compile(rb"^id: (\w+)-(\d+)$", re.MULTILINE)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Wired]:
    made = small_world(tmp_path / "home")
    yield made
    made.store.close()


def all_ids(world: Wired, after: int) -> list[int]:
    return [e.id for e in world.store.read(lambda tx: tx.events(EventQuery(after_id=after)))]


@settings(max_examples=25, suppress_health_check=list(HealthCheck), derandomize=True)
@given(
    before=st.integers(0, 30), behind=st.integers(0, 30), during=st.integers(1, 25),
    writers=st.integers(1, 3), readers=st.integers(1, 4), wait=st.sampled_from((0, 0.001, 0.01)),
)  # fmt: skip
def test_between_page_and_stream_nothing_is_lost_or_told_twice(
    tmp_path_factory: pytest.TempPathFactory, before: int, behind: int, during: int, writers: int,
    readers: int, wait: float,
) -> None:  # fmt: skip
    """Writers race readers that come at any moment, each with the cursor of an earlier page."""
    world = small_world(tmp_path_factory.mktemp("race") / "home")
    add_events(world, before)
    other = open_world(world.home.root)  # a second process, whose writes nobody tells the hub

    async def work(hub: Hub) -> None:
        threads = [
            threading.Thread(target=add_events, args=(world if n % 2 else other, during))
            for n in range(writers)
        ]
        for thread in threads:
            thread.start()
        found = []
        for _ in range(readers):
            await asyncio.sleep(wait)
            cursor = max(0, last(world) - behind)
            found.append((cursor, Reader(hub.follow(ALL, cursor))))
        wanted = before + during * writers
        reading = [
            asyncio.create_task(reader.until(wanted)) for cursor, reader in found if cursor < wanted
        ]  # who comes after the last event has nothing to wait for
        await asyncio.gather(*reading)
        for thread in threads:
            thread.join()
        for cursor, reader in found:
            assert reader.ids == all_ids(world, cursor)
            assert reader.resyncs == 0

    try:
        run(world, work)
    finally:
        other.store.close()
        world.store.close()


def test_a_page_rendered_while_nobody_listened_is_not_told_to_load_again(world: Wired) -> None:
    async def work(hub: Hub) -> None:
        await asyncio.sleep(0.05)
        add_events(world, 20)  # the hub sleeps
        reader = Reader(hub.follow(ALL, last(world) - 2))
        await reader.until(last(world))
        assert (len(reader.ids), reader.resyncs) == (2, 0)

    run(world, work)


def test_a_stream_that_is_far_behind_loads_its_page_again_and_goes_on(world: Wired) -> None:
    add_events(world, REPLAY + 5)

    async def work(hub: Hub) -> None:
        reader = Reader(hub.follow(ALL, 1))
        await reader.until(last(world))
        assert (reader.ids, reader.resyncs, hub.resyncs) == ([last(world)], 1, 1)
        add_events(world, 3)
        await reader.until(last(world))
        assert reader.ids[1:] == all_ids(world, last(world) - 3)

    run(world, work)


@pytest.mark.parametrize(
    "cursor", ["abcdefgh-1", "99999", "x", "-1", "1.5", "١", "1-1-1", "9" * 30]
)
def test_a_cursor_of_another_store_loads_the_page_again(world: Wired, cursor: str) -> None:
    add_events(world, 3)

    async def work(hub: Hub) -> None:
        reader = Reader(hub.follow(ALL, cursor))
        await reader.until(last(world))
        assert reader.resyncs == 1

    run(world, work)


def test_the_ids_of_a_stream_are_cursors_of_it(world: Wired) -> None:
    add_events(world, 5)

    async def work(hub: Hub) -> None:
        reader = Reader(hub.follow(ALL, f"{hub.store_id}-2"))
        await reader.until(last(world))
        assert reader.ids == all_ids(world, 2)

    run(world, work)


def test_a_reader_that_pauses_is_caught_up_or_told_to_load_again(
    world: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubs, "REPLAY", 10)

    async def work(hub: Hub) -> None:
        reader = Reader(hub.follow(ALL, 0))
        add_events(world, 1)
        await reader.until(last(world))
        add_events(world, 9)
        await asyncio.sleep(0.2)
        await reader.until(last(world))
        assert reader.ids == all_ids(world, 0)
        add_events(world, 60)  # nobody reads meanwhile, and nothing is queued
        await asyncio.sleep(0.2)
        await reader.until(last(world))
        assert reader.resyncs == 1
        assert len(hub._newest) <= 10

    run(world, work)


def test_a_fragment_is_made_once_for_all_who_look(world: Wired) -> None:
    made: list[int] = []

    def fragment(_: Wired, event: Event, __: Any) -> object:
        made.append(event.id)
        return {"html": "x"}

    async def work(hub: Hub) -> None:
        view = View(name="board", project="demo", fragment=fragment)
        readers = [Reader(hub.follow(view, last(world))) for _ in range(20)]
        card = card_in(world, CardState.BACKLOG)
        await asyncio.gather(*(reader.until(last(world)) for reader in readers))
        assert card.seq == 1
        assert sorted(made) == sorted(set(made))

    run(world, work)


def test_there_are_only_so_many_streams_and_each_gives_its_place_back(world: Wired) -> None:
    async def work(hub: Hub) -> None:
        streams = [hub.follow(ALL, None) for _ in range(3)]
        for stream in streams[:2]:
            await anext(stream)
        with pytest.raises(TooManyStreams):
            await anext(streams[2])
        assert hub.streams == 2
        assert next(SSE_CLIENTS.samples())[2] == 2
        await streams[0].aclose()  # type: ignore[attr-defined]
        fourth = hub.follow(ALL, None)
        await anext(fourth)
        for stream in (streams[1], fourth):
            await stream.aclose()  # type: ignore[attr-defined]
        assert hub.streams == 0

    run(world, work, most=2)


def test_all_streams_end_soon_after_the_hub_does(world: Wired) -> None:
    async def work(hub: Hub) -> None:
        async def take() -> None:
            async for _ in hub.follow(ALL, None):
                pass

        readers = [asyncio.create_task(take()) for _ in range(50)]
        async with asyncio.timeout(10):
            while hub.streams < 50:  # noqa: ASYNC110 - a number, which no event tells of
                await asyncio.sleep(0.01)
        hub.close()
        done, late = await asyncio.wait(readers, timeout=2)
        assert (len(done), late) == (50, set())

    run(world, work, most=64)


def test_a_reader_that_takes_nothing_is_cut_off(
    world: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "STALL_S", 0.05)
    cut: list[bool] = []

    async def work(hub: Hub) -> None:
        async def receive() -> dict[str, str]:
            await asyncio.Event().wait()
            raise AssertionError

        async def send(_: Any) -> None:
            await asyncio.Event().wait()

        async def alive() -> bool:
            return True

        scope = {"extensions": {"sps.cut": lambda: cut.append(True)}}
        stream = hub.follow(ALL, 0)
        async with asyncio.timeout(10):
            await pour(stream, scope, receive, send, alive)
        await stream.aclose()  # type: ignore[attr-defined]
        assert (cut, hub.streams) == ([True], 0)

    run(world, work)


def test_a_reader_that_leaves_gives_its_place_back(tmp_path: Path) -> None:
    with console_scene(tmp_path) as scene:
        client = scene.client()
        scope = client._scope("GET", "/events", {})
        scope["query_string"] = b"view=all"
        sent: list[Any] = []

        async def visit() -> None:
            left = asyncio.Event()

            async def receive() -> dict[str, Any]:
                await left.wait()
                return {"type": "http.disconnect"}

            async def send(message: Any) -> None:
                sent.append(message)
                if message.get("body"):
                    left.set()

            async with asyncio.timeout(10):
                await scene.app(scope, receive, send)

        for _ in range(40):  # more than there are places
            scene.loop.run(visit())
        assert {m["status"] for m in sent if "status" in m} == {200}


def test_the_stream_that_is_one_too_many_is_told_when_to_come_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPS_SSE_CLIENTS", "1")
    with console_scene(tmp_path) as scene:
        client = scene.client()
        with client.stream("/events?view=all"):
            reply = client.get("/events?view=all")
            assert reply.status == 429
            assert int(reply.headers["retry-after"]) >= 1


def test_a_broken_store_ends_nothing_and_loses_nothing(
    world: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sps.model.errors import Held

    monkeypatch.setattr(hubs, "_LOOK_S", 0.01)

    async def work(hub: Hub) -> None:
        reader = Reader(hub.follow(ALL, 0))
        add_events(world, 1)
        await reader.until(1)
        read, broken = world.store.read, threading.Event()

        def refuse(question: Any) -> Any:
            if broken.is_set():
                raise Held("database-locked", "locked")
            return read(question)

        monkeypatch.setattr(world.store, "read", refuse)
        broken.set()
        add_events(world, 3)
        await asyncio.sleep(0.1)
        broken.clear()
        await reader.until(4)
        assert reader.ids == [1, 2, 3, 4]

    run(world, work)
