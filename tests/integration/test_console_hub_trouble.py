"""The stream while others wait, and while something about an event is broken: it goes on."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sps.bootstrap import Wired
from sps.console.hub import Hub, View
from sps.model.card import CardState
from sps.model.desk import Desk
from sps.model.event import Event
from sps.services import telling
from tests.fakes.small_world import card_in, small_world
from tests.integration.console_scene import console_scene
from tests.integration.hub_reader import ALL, Reader, add_events, last, run


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Wired]:
    made = small_world(tmp_path / "home")
    yield made
    made.store.close()


def test_visitors_who_wait_hold_up_neither_the_stream_nor_who_asks_whether_it_lives(
    world: Wired, tmp_path: Path
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def hold(desk: Desk) -> tuple[Desk, bool]:
        begun.set()
        return desk, go_on.wait(30)

    card_in(world, CardState.NEEDS_HUMAN, reason="budget")
    with console_scene(tmp_path, world) as scene:
        client = scene.client()
        holder = threading.Thread(target=world.desk.change, args=(hold,))
        holder.start()
        assert begun.wait(10)
        path = "/api/v1/projects/demo/cards/1/snooze"
        with client.stream("/api/v1/events") as stream:
            visits = [
                threading.Thread(target=client.post_json, args=(path, {"hours": 1}))
                for _ in range(20)
            ]
            for visit in visits:
                visit.start()
            try:
                add_events(world, 1)
                assert stream.next(timeout=3).json["kind"] == "project.resumed"
                assert scene.stranger().get("/health/ready").status in (200, 503)
            finally:
                go_on.set()
        for thread in (holder, *visits):
            thread.join(20)


def test_an_event_that_cannot_be_shown_is_told_without_its_fragment(world: Wired) -> None:
    def broken(*_: object) -> object:
        raise ValueError("a defect of a template")

    async def work(hub: Hub) -> None:
        reader = Reader(hub.follow(View(name="broken", fragment=broken), last(world)))
        add_events(world, 2)
        await reader.until(last(world))
        assert len(reader.ids) == 2

    run(world, work)


def _broken_view(times: int) -> tuple[Callable[..., telling.EventView], list[bool]]:
    """Return what shows an event after it has failed so often, and how often it still will."""
    real, failing = telling.view, [True] * times

    def view(event: Event, seq: int | None) -> telling.EventView:
        if failing:
            failing.pop()
            raise KeyError("a defect")
        return real(event, seq)

    return view, failing


def test_a_defect_while_events_are_read_ends_no_stream(
    world: Wired, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    view, failing = _broken_view(2)

    async def work(hub: Hub) -> None:
        reader = Reader(hub.follow(ALL, last(world)))
        waiting = asyncio.create_task(reader.until(last(world) + 1))
        await asyncio.to_thread(add_events, world, 1)
        await waiting  # it is live: what comes now is read by the hub, not by the stream
        monkeypatch.setattr(telling, "view", view)
        await asyncio.to_thread(add_events, world, 2)
        await reader.until(last(world))
        assert (len(reader.ids), failing) == (3, [])

    run(world, work)
    told = [one.message for one in caplog.records].count("events cannot be read")
    assert 1 <= told <= 2  # once by each who reads, not once a try


def test_a_defect_while_a_stream_catches_up_does_not_end_it(
    world: Wired, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    view, failing = _broken_view(1)

    async def work(hub: Hub) -> None:
        reader = Reader(hub.follow(ALL, 0))
        monkeypatch.setattr(telling, "view", view)
        await reader.until(last(world))
        assert (reader.ids, failing) == (list(range(1, last(world) + 1)), [])

    add_events(world, 3)
    run(world, work)
    assert "events cannot be read" in caplog.text
