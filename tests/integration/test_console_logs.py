"""The logs: windows in both directions, filters, links to a line, files, the live stream."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

import pytest

from sps.bootstrap import Wired
from sps.model.access import Role
from sps.model.card import CardText
from sps.model.event import Event, EventKind
from sps.services.add_card import add_card
from sps.services.log_lines import LogFilter, newer, older
from tests.fakes.small_world import small_world
from tests.integration.console_scene import console_scene


@pytest.fixture
def world(tmp_path: Path) -> Wired:
    return small_world(tmp_path / "home")


def say(world: Wired, text: str, kind: EventKind = EventKind.RUN_SAID) -> int:
    event = Event(project="demo", kind=kind, at=world.clock.now(), payload={"text": text})
    return world.store.write(lambda tx: tx.add_event(event)).id


def test_windows_meet_in_both_directions_without_gap_or_double(world: Wired) -> None:
    every = [say(world, f"line {n}") for n in range(1234)]
    wanted, seen, before = LogFilter(), list[int](), None
    while True:
        found = older(world, wanted, before=before, limit=100)
        seen += [one.id for one in found.events]
        if found.older is None:
            break
        before = found.older
    assert seen == every[::-1]
    back = newer(world, wanted, after=every[0], limit=100)
    assert [one.id for one in back.events] == every[100:0:-1]
    assert newer(world, wanted, after=back.newer or 0, limit=1).events[0].id == every[101]


def test_filters_leave_what_fits_however_rare(world: Wired) -> None:
    rare = say(world, "the Needle")
    for n in range(3000):
        say(world, f"hay {n}", EventKind.RUN_TOOL)
    add_card(world, "demo", CardText(title="A card"))
    assert [one.id for one in older(world, LogFilter(text="needle")).events] == [rare]
    assert len(older(world, LogFilter(project="demo", card=1)).events) == 1
    assert len(older(world, LogFilter(level="debug"), limit=5000).events) == 3002
    assert len(older(world, LogFilter(), limit=5000).events) == 2


def test_the_page_escapes_filters_and_links_to_a_line(world: Wired, tmp_path: Path) -> None:
    at = say(world, '<img src=x onerror="alert(1)">')
    with console_scene(tmp_path, world) as scene:
        client = scene.client(Role.VIEWER)
        page = client.get("/logs")
        assert "<img" not in page.text
        assert "&lt;img" in page.text
        assert 'data-view="logs:"' in page.text
        linked = client.get(f"/logs?at={at}&level=debug")
        assert f'class="line hit" id="e-{at}"' in linked.text
        assert "data-view" not in linked.text, "a window of the past is not live"
        for query in ("level=loud", "card=3", "project=none", "card=x", "nope=1"):
            assert client.get(f"/logs?{query}").status in (404, 422), query


def test_lines_come_as_text_and_as_json(world: Wired, tmp_path: Path) -> None:
    say(world, "one\n\x1b[31mtwo")
    with console_scene(tmp_path, world) as scene:
        client = scene.client(Role.VIEWER)
        text = client.get("/logs/download?form=text")
        assert text.headers["content-disposition"] == 'attachment; filename="sps-log.txt"'
        assert text.text.count("\n") == 1
        assert "one two" in text.text
        assert client.get("/logs/download?form=json").json[0]["kind"] == "run.said"


def test_the_stream_carries_only_what_the_filter_leaves(world: Wired, tmp_path: Path) -> None:
    with console_scene(tmp_path, world) as scene:
        view = quote("logs:level=debug&text=wanted", safe="")
        with scene.client().stream(f"/events?view={view}&cursor=0") as stream:
            say(world, "another")
            say(world, "wanted")
            assert stream.next().json["says"] == "the agent says: wanted"
            assert stream.silent()


def test_the_daemons_log_is_bounded_and_survives_rubbish(world: Wired, tmp_path: Path) -> None:
    path = world.home.log
    path.parent.mkdir(parents=True)
    good = {"ts": "2026-01-01T00:00:00.000Z", "level": "ERROR", "msg": "<b>broke</b>", "code": "x"}
    path.write_text("x" * 600_000 + "\n" + "no json \x1b[2J\n" + json.dumps(good) + "\n")
    with console_scene(tmp_path, world) as scene:
        client = scene.client(Role.VIEWER)
        page = client.get("/logs/daemon")
        assert "<b>broke" not in page.text
        assert "&lt;b&gt;broke" in page.text
        found = scene.program().get("/api/v1/logs/daemon?level=error").json
        assert [one["says"] for one in found["lines"]] == ["<b>broke</b>"]
        assert found["cut"]


def test_a_link_as_log_file_is_not_followed(world: Wired, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hidden\n")
    world.home.log.parent.mkdir(parents=True)
    world.home.log.symlink_to(secret)
    with console_scene(tmp_path, world) as scene:
        assert scene.program().get("/api/v1/logs/daemon").json["lines"] == []
