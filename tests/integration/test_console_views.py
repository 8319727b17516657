"""Named views of a board, the card in short, the numbers beside the navigation, logs by range."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sps.model.access import Role
from sps.model.card import CardState, CardText
from sps.services.add_card import add_card
from sps.services.change_cards import unlabel_cards
from sps.services.columns import move_to
from tests.fakes.small_world import card_in
from tests.integration.console_scene import Client, ConsoleScene, console_scene

API = "/api/v1/projects/demo/views"
SCRIPTED = {"x-sps": "1"}


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[ConsoleScene]:
    with console_scene(tmp_path) as made:
        yield made


@pytest.fixture
def client(scene: ConsoleScene) -> Client:
    return scene.client()


def test_view_is_kept_in_the_home_and_shown_to_every_browser(
    scene: ConsoleScene, client: Client
) -> None:
    client.post_form("/p/demo/views", {"name": "Mine", "q": "label:ui  is:ready"})
    page = scene.client(Role.VIEWER).get("/p/demo/board").text
    assert 'href="/p/demo/board?q=label%3Aui%20is%3Aready">Mine</a>' in page
    assert "Mine" in scene.client().get("/palette?q=mine").text
    assert client.get(API).json == {
        "views": [{"project": "demo", "name": "Mine", "filter": "label:ui is:ready"}]
    }


def test_view_of_the_same_name_is_replaced_and_a_forgotten_one_can_be_kept_again(
    client: Client,
) -> None:
    client.post_json(API, {"name": "Mine", "q": "label:ui"})
    client.post_json(API, {"name": "Mine", "q": "label:api"})
    assert [one["filter"] for one in client.get(API).json["views"]] == ["label:api"]
    gone = client.post_json(API, {"name": "Mine"}, verb="DELETE").json
    assert client.get(API).json == {"views": []}
    client.post_json(API, {"name": gone["name"], "q": gone["filter"]})
    assert len(client.get(API).json["views"]) == 1


@pytest.mark.parametrize("body", [{"name": " "}, {"name": "x" * 41}, {"name": "a", "q": "is:nope"}])
def test_bad_views_are_refused(client: Client, body: dict[str, str]) -> None:
    assert client.post_json(API, body).status == 422


def test_unknown_view_is_not_forgotten(client: Client) -> None:
    assert client.post_json(API, {"name": "None"}, verb="DELETE").status == 404


def test_hostile_name_of_a_view_is_only_text(client: Client) -> None:
    client.post_form("/p/demo/views", {"name": '"><script>x</script>', "q": "label:<b>"})
    for path in ("/p/demo/board", "/palette?q=script"):
        assert "<script>x" not in client.get(path).text


def test_done_lies_folded_with_its_count_until_it_is_unfolded(
    scene: ConsoleScene, client: Client
) -> None:
    card_in(scene.world, CardState.DONE)
    page = client.get("/p/demo/board").text
    assert 'class="col thin" id="c-done"' in page
    assert 'href="/p/demo/board?done=true"' in page
    assert 'class="col" id="c-done"' in client.get("/p/demo/board?done=true").text


def test_card_in_short_escapes_its_text(scene: ConsoleScene, client: Client) -> None:
    text = CardText(title="<i>T</i>", body="Say **why**.\n\n<script>x()</script>", hold=True)
    add_card(scene.world, "demo", text)
    page = client.get("/p/demo/c/1/peek", SCRIPTED).text
    assert "<strong>why</strong>" in page
    assert "<script>x" not in page
    assert "&lt;i&gt;T" in page
    assert client.get("/p/demo/c/1/peek").headers["location"] == "/p/demo/c/1"


def test_bulk_runs_labels_and_takes_the_label_away(scene: ConsoleScene, client: Client) -> None:
    for number in range(3):
        add_card(scene.world, "demo", CardText(title=f"Card {number}", hold=True))
    bulk = "/api/v1/projects/demo/bulk"
    done = client.post_json(bulk, {"cards": [1, 2], "label": "ui"}).json
    assert [one["labels"] for one in done["cards"]] == [["ui"], ["ui"]]
    client.post_json(bulk, {"cards": [1], "unlabel": "ui"})
    assert unlabel_cards(scene.world, "demo", [2], "ui").cards[0].labels == ()
    ran = client.post_json(bulk, {"cards": [1, 2], "run": True}).json
    assert {one["state"] for one in ran["cards"]} <= {"backlog", "ready"}


def test_bulk_says_which_cards_it_changed_so_that_just_that_is_taken_back(
    scene: ConsoleScene, client: Client
) -> None:
    for number, labels in ((1, ("ui",)), (2, ()), (3, ("api",))):
        hold = number != 3
        add_card(scene.world, "demo", CardText(title=f"Card {number}", labels=labels, hold=hold))
    bulk = "/api/v1/projects/demo/bulk"
    asked = {"cards": [1, 2, 3, 9], "label": "ui", "column": "planning"}
    done = client.post_json(bulk, asked).json
    assert (done["labelled"], done["unlabelled"]) == ([2, 3], [])
    assert done["moved"] == {"backlog": [3]}
    assert [one["seq"] for one in done["cards"]] == [1, 2, 3]
    assert {one["seq"] for one in done["refused"]} == {9}
    back = client.post_json(bulk, {"cards": done["labelled"], "unlabel": "ui"}).json
    assert back["unlabelled"] == [2, 3]
    assert [one["labels"] for one in back["cards"]] == [[], ["api"]]
    assert client.post_json(bulk, {"cards": [1, 2], "unlabel": "ui"}).json["unlabelled"] == [1]


def test_conflict_says_what_the_card_is_now_and_what_happened(
    scene: ConsoleScene, client: Client
) -> None:
    add_card(scene.world, "demo", CardText(title="Card", hold=True))
    move_to(scene.world, "demo", 1, "backlog")
    body = {"column": "backlog", "version": 0}
    move_to(scene.world, "demo", 1, "planning")
    reply = client.post_json("/api/v1/projects/demo/cards/1/move", body)
    assert reply.status == 409
    assert "it is planning now: taken back to planning" in reply.json["detail"]


def test_navigation_counts_what_waits_and_what_works(scene: ConsoleScene, client: Client) -> None:
    card_in(scene.world, CardState.NEEDS_HUMAN, reason="gate-failed")
    part = client.get("/nav?here=board&project=demo", SCRIPTED).text
    assert 'title="waiting for you">1</span>' in part
    assert ">0/3</span>" in part
    assert client.get("/nav").headers["location"] == "/"
    assert client.get("/nav?project=nope", SCRIPTED).status == 404


def test_logs_are_counted_and_narrowed_to_a_range(scene: ConsoleScene, client: Client) -> None:
    card_in(scene.world, CardState.RUNNING)
    assert 'class="hist"' in client.get("/logs").text
    found = client.get("/api/v1/logs/histogram").json
    assert sum(bar["count"] for bar in found["bars"]) == len(
        client.get("/api/v1/logs").json["events"]
    )
    at = client.get("/api/v1/logs").json["events"][0]["at"]
    assert client.get(f"/api/v1/logs?until={at[:16]}").json["events"] == []
    assert client.get("/api/v1/logs?since=2999-01-01").json["events"] == []
    assert client.get("/api/v1/logs?since=yesterday").status == 422


def test_promises_are_measured(scene: ConsoleScene, client: Client) -> None:
    card_in(scene.world, CardState.RUNNING)
    found = client.get("/api/v1/health").json["objectives"]
    assert {one["name"] for one in found} >= {"Nothing is silently stuck", "Pages answer"}
    assert "What is promised" in client.get("/health").text
    hour = client.get("/api/v1/health/series").json
    assert hour["every"] == 10.0
    assert hour["samples"][0]["runs"] == 0
