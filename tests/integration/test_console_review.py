"""The review queue: order, decisions bound to what was seen, roles."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from sps.bootstrap import Wired
from sps.model.access import Role
from sps.model.card import Card, CardState
from sps.model.reason import AWAITING
from sps.services import review_queue
from tests.fakes.small_world import card_in, small_world
from tests.integration.console_scene import console_scene


@pytest.fixture
def world(tmp_path: Path) -> Wired:
    return small_world(tmp_path / "home")


def waiting(world: Wired) -> Card:
    card = card_in(
        world, CardState.REVIEW, reason=AWAITING, tree="a" * 40, tip="b" * 40, stage="check"
    )
    world.clock.set_wall(world.clock.now() + 60_000)  # type: ignore[attr-defined]
    return card


def test_the_oldest_comes_first_and_an_address_names_any(world: Wired, tmp_path: Path) -> None:
    for _ in range(3):
        waiting(world)
    with console_scene(tmp_path, world) as scene:
        found = scene.program(Role.VIEWER).get("/api/v1/review").json
        assert [row["item"]["card"]["seq"] for row in found["rows"]] == [1, 2, 3]
        client = scene.client(Role.OPERATOR)
        page = client.get("/review").text
        assert 'href="/review?at=demo%3A2" data-hotkey="n"' in page
        assert 'name="seq" value="1"' in page
        assert 'name="seq" value="3"' in client.get("/review?at=demo%3A3").text
        assert 'name="seq" value="1"' in client.get("/review?at=demo%3A99").text


def test_an_approval_is_counted_and_the_queue_goes_on(world: Wired, tmp_path: Path) -> None:
    waiting(world)
    with console_scene(tmp_path, world) as scene:
        client = scene.client(Role.OPERATOR)
        fields = {"project": "demo", "seq": "1", "seen": "a" * 40}
        done = client.post_form("/review/approve", fields)
        assert (done.status, done.headers["location"]) == (303, "/review")
        found = scene.program().get("/api/v1/review").json
        assert (found["total"], found["done_today"]) == (0, 1)
        assert "Nothing waits for your word." in client.get("/review").text


def test_a_decision_on_another_change_is_refused(world: Wired, tmp_path: Path) -> None:
    waiting(world)
    with console_scene(tmp_path, world) as scene:
        fields = {"project": "demo", "seq": 1, "seen": "f" * 40, "comment": "no"}
        answer = scene.program().post_json("/api/v1/review/changes", fields)
        assert (answer.status, answer.json["code"]) == (409, "stale")


def test_changes_need_words_and_an_operator(world: Wired, tmp_path: Path) -> None:
    waiting(world)
    fields = {"project": "demo", "seq": 1, "seen": "a" * 40}
    with console_scene(tmp_path, world) as scene:
        program = scene.program(Role.OPERATOR)
        silent = program.post_json("/api/v1/review/changes", {**fields, "comment": " "})
        assert (silent.status, silent.json["code"]) == (422, "empty-comment")
        viewer = scene.client(Role.VIEWER)
        assert viewer.post_form("/review/approve", fields).status == 403
        assert "/review/approve" not in viewer.get("/review").text
        done = program.post_json("/api/v1/review/changes", {**fields, "comment": "shorter"})
        assert done.json["reason"] == "changes-requested"


def test_a_long_queue_is_read_around_the_change_that_is_looked_at(
    world: Wired, tmp_path: Path
) -> None:
    for _ in range(25):
        waiting(world)
    with console_scene(tmp_path, world) as scene:
        found = scene.program(Role.VIEWER).get("/api/v1/review").json
        assert [row["item"]["card"]["seq"] for row in found["rows"]] == [*range(1, 21)]
        assert found["total"] == 25
        page = scene.client(Role.OPERATOR).get("/review?at=demo%3A20").text
        assert 'name="seq" value="20"' in page
        assert 'href="/review?at=demo%3A21" data-hotkey="n"' in page
        assert "25 wait for your word" in page


def test_a_change_behind_those_that_the_queue_knows_is_shown_by_its_address(
    world: Wired, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = msgspec.structs.replace(review_queue._QUEUE, limit=2)
    monkeypatch.setattr(review_queue, "_QUEUE", few)
    monkeypatch.setattr(review_queue, "_MOST", 2)
    for _ in range(4):
        waiting(world)
    found = review_queue.review_queue(world, "demo:4")
    assert [one.card.seq for one in found.items] == [1, 2, 4]
    assert (found.at, found.following, found.total) == (2, "demo:1", 4)
