"""The board through the application: windows, filters, moves, conflicts, the stream."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sps.adapters.store_tables.reading import TableReading
from sps.model.access import Role
from sps.model.card import Card, CardState, CardText
from sps.services.add_card import add_card
from sps.services.board import WINDOW, board
from sps.services.columns import ways
from sps.services.layout import COLUMNS, layout_of
from tests.fakes.small_world import card_in
from tests.integration.console_scene import Client, ConsoleScene, console_scene

BOARD = "/p/demo/board"
API = "/api/v1/projects/demo"


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[ConsoleScene]:
    with console_scene(tmp_path) as made:
        yield made


@pytest.fixture
def client(scene: ConsoleScene) -> Client:
    return scene.client()


def _add(
    scene: ConsoleScene, title: str, *, hold: bool = True, labels: tuple[str, ...] = ()
) -> Card:
    return add_card(scene.world, "demo", CardText(title=title, hold=hold, labels=labels))


def _state(scene: ConsoleScene, seq: int) -> str:
    card = scene.world.store.read(lambda tx: tx.card_by_seq("demo", seq))
    assert card is not None
    return card.state.value


def _rows(text: str) -> list[int]:
    return [int(seq) for seq in re.findall(r'id="c-(\d+)"', text)]


# --- windows ---


def test_a_board_asks_what_its_cards_cost_once_a_column(
    scene: ConsoleScene, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    kept = TableReading._rows

    def noted(self: TableReading, query: str, /, **values: object) -> list[Any]:
        asked.append(query)
        return kept(self, query, **values)

    def questions() -> int:
        asked.clear()
        assert client.get(f"{API}/board").status == 200
        return len(asked)

    monkeypatch.setattr(TableReading, "_rows", noted)
    for state in (CardState.REVIEW, CardState.DONE):
        card_in(scene.world, state)
    few = questions()
    for state in (CardState.REVIEW, CardState.DONE) * 5:
        card_in(scene.world, state)
    assert questions() == few


def test_column_shows_a_window_and_the_rest_behind_links_that_work_without_scripts(
    scene: ConsoleScene, client: Client
) -> None:
    for number in range(WINDOW + 7):
        _add(scene, f"Card {number}")
    page = client.get(BOARD)
    assert _rows(page.text) == list(range(1, WINDOW + 1))
    assert f'id="n-planning">{WINDOW + 7}<' in page.text
    [more] = re.findall(r'href="(/p/demo/board/planning\?start=\d+)"', page.text)
    whole = client.get(more)
    assert "<html" in whole.text
    assert _rows(whole.text) == list(range(WINDOW + 1, WINDOW + 8))
    rows = client.get(more, {"x-sps": "1"})
    assert "<html" not in rows.text
    assert _rows(rows.text) == _rows(whole.text)


def test_finished_cards_stand_newest_first(scene: ConsoleScene, client: Client) -> None:
    for _ in range(3):
        card_in(scene.world, CardState.DONE)
    assert _rows(client.get(BOARD).text) == [3, 2, 1]


def test_dropped_cards_are_hidden_until_they_are_asked_for(
    scene: ConsoleScene, client: Client
) -> None:
    dropped, done = card_in(scene.world, CardState.DROPPED), card_in(scene.world, CardState.DONE)
    assert _rows(client.get(BOARD).text) == [done.seq]
    assert _rows(client.get(BOARD + "?q=is:done").text) == [done.seq]
    assert _rows(client.get(BOARD + "?q=is:dropped").text) == [dropped.seq]


def test_a_card_that_needs_a_person_stays_in_the_column_of_its_stage(scene: ConsoleScene) -> None:
    world = scene.world
    fresh = card_in(world, CardState.NEEDS_HUMAN, stage="")
    worked = card_in(world, CardState.NEEDS_HUMAN, stage="develop")
    judged = card_in(world, CardState.NEEDS_HUMAN, stage="check")
    ready = card_in(world, CardState.READY)
    found = {one.key: [card.seq for card in one.cards] for one in board(world, "demo").columns}
    assert found["backlog"] == [fresh.seq]
    assert found["active"] == [worked.seq]
    assert found["review"] == [judged.seq]
    assert found["ready"] == [ready.seq]
    assert {one.key: one.total for one in board(world, "demo").columns if one.total} == {
        "backlog": 1, "active": 1, "review": 1, "ready": 1,
    }  # fmt: skip


def test_more_of_a_column_that_is_none_or_of_no_project_is_not_found(client: Client) -> None:
    assert client.get("/p/demo/board/nothing").status == 404
    assert client.get("/p/nobody/board/planning").status == 404
    assert client.get("/p/demo/board/planning?start=x").status == 422
    assert client.get("/p/demo/board/planning?what=1").status == 422


# --- filter ---


def test_filter_narrows_cards_counts_and_the_next_window(
    scene: ConsoleScene, client: Client
) -> None:
    for number in range(2 * WINDOW + 6):
        _add(scene, f"Card {number}", labels=("ui",) if number % 2 else ())
    page = client.get(BOARD + "?q=label:ui%20card")
    found = _rows(page.text)
    assert len(found) == WINDOW
    assert all(seq % 2 == 0 for seq in found)
    assert f">{WINDOW + 3}<" in page.text
    [more] = re.findall(r'href="(/p/demo/board/planning\?start=[^"]+)"', page.text)
    rest = _rows(client.get(more.replace("&amp;", "&"), {"x-sps": "1"}).text)
    assert len(rest) == 3
    assert all(seq % 2 == 0 for seq in rest)


def test_filter_that_is_not_understood_shows_all_and_says_so(
    scene: ConsoleScene, client: Client
) -> None:
    _add(scene, "One")
    page = client.get(BOARD + "?q=is:runing")
    assert page.status == 200
    assert "did you mean" in page.text or "running" in page.text
    assert _rows(page.text) == [1]
    assert client.get(f"{API}/board?q=is:runing").status == 422


def test_hostile_filter_and_title_are_only_text(scene: ConsoleScene, client: Client) -> None:
    evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    card_in(scene.world, CardState.PLANNING)
    client.post_json(f"{API}/cards", {"title": evil, "hold": True, "labels": ["<b>x</b>"]})
    page = client.get(f"{BOARD}?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
    for text in (page.text, client.get(BOARD).text):
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert "<b>x" not in text


# --- moving ---


@pytest.mark.parametrize("state", list(CardState))
def test_columns_that_the_page_offers_take_the_card_and_others_refuse(
    scene: ConsoleScene, client: Client, state: CardState
) -> None:
    offered = ways(card_in(scene.world, state))
    home = layout_of(scene.world, "demo").of(card_in(scene.world, state))
    for column in COLUMNS:
        card = card_in(scene.world, state)
        reply = client.post_json(
            f"{API}/cards/{card.seq}/move", {"column": column, "version": card.version}
        )
        eager = state is CardState.BACKLOG and column == "ready"  # it is on its way there
        expected = 200 if column in offered or column == home or eager else 422
        assert reply.status == expected, (state, column, reply.text)


def test_stale_version_is_a_conflict_that_says_what_the_card_is_now(
    scene: ConsoleScene, client: Client
) -> None:
    card = _add(scene, "One")
    assert client.post_json(f"{API}/cards/1/move", {"column": "backlog"}).status == 200
    reply = client.post_json(f"{API}/cards/1/move", {"column": "planning", "version": card.version})
    assert (reply.status, reply.json["code"]) == (409, "stale")
    assert "backlog now" in reply.json["detail"]
    assert _state(scene, 1) == "backlog"


def test_move_form_lists_the_possible_columns_and_moves_without_scripts(
    scene: ConsoleScene, client: Client
) -> None:
    card = _add(scene, "One")
    page = client.get("/p/demo/c/1/move")
    assert re.findall(r'name="column" value="(\w+)"', page.text) == ["backlog", "ready"]
    version = re.findall(r'name="version" value="(\d+)"', page.text)
    assert version == [str(card.version)]
    reply = client.post_form("/p/demo/c/1/move", {"column": "ready", "version": version[0]})
    assert (reply.status, reply.headers["location"]) == (303, "/p/demo/board#c-1")
    assert _state(scene, 1) == "backlog"
    finished = card_in(scene.world, CardState.DONE)
    assert "finished" in client.get(f"/p/demo/c/{finished.seq}/move").text


def test_several_cards_are_moved_and_labelled_and_refusals_are_told_one_by_one(
    scene: ConsoleScene, client: Client
) -> None:
    _add(scene, "One")
    done = card_in(scene.world, CardState.DONE)
    wanted = {"cards": [1, done.seq], "column": "backlog", "label": "later"}
    reply = client.post_json(f"{API}/bulk", wanted)
    assert reply.status == 200
    assert [card["labels"] for card in reply.json["cards"]] == [["later"]]
    assert {one["seq"] for one in reply.json["refused"]} == {done.seq}
    assert _state(scene, 1) == "backlog"
    form = client.post_form("/p/demo/bulk", {"cards": ["1"], "column": "planning"})
    assert form.status == 303
    assert _state(scene, 1) == "planning"
    assert client.post_json(f"{API}/bulk", {"cards": [1]}).status == 422
    assert client.post_json(f"{API}/bulk", {"cards": [], "label": "x"}).status == 422


def test_viewer_sees_the_board_and_nothing_to_change_it_with(scene: ConsoleScene) -> None:
    _add(scene, "One")
    viewer = scene.client(Role.VIEWER)
    page = viewer.get(BOARD).text
    assert _rows(page) == [1]
    assert "/move" not in page
    assert "data-may" not in page
    assert viewer.get("/p/demo/c/1/move").status == 403
    assert viewer.post_json(f"{API}/cards/1/move", {"column": "backlog"}).status == 403
    assert viewer.post_json(f"{API}/bulk", {"cards": [1], "column": "backlog"}).status == 403


def test_card_is_added_once_for_one_key(scene: ConsoleScene, client: Client) -> None:
    key = {"idempotency-key": "0f8fad5b"}
    first = client.post_json(f"{API}/cards", {"title": "One", "hold": True}, key)
    again = client.post_json(f"{API}/cards", {"title": "One", "hold": True}, key)
    assert (first.status, again.status) == (201, 201)
    assert first.json["seq"] == again.json["seq"] == 1
    assert first.json["to"] == ["backlog", "ready"]


# --- limits, words ---


def test_active_column_says_its_limit_and_when_it_is_exceeded(
    scene: ConsoleScene, client: Client
) -> None:
    limit = scene.world.pipeline_files.load("demo").workers
    for _ in range(limit):
        card_in(scene.world, CardState.RUNNING)
    assert "data-over" not in client.get(BOARD).text
    card_in(scene.world, CardState.GATING)
    page = client.get(BOARD).text
    assert "data-over" in page
    assert f">{limit + 1}</span>/{limit}<" in page


def test_card_that_needs_a_person_stands_in_the_column_and_takes_no_place_of_its_limit(
    scene: ConsoleScene, client: Client
) -> None:
    limit = scene.world.pipeline_files.load("demo").workers
    card_in(scene.world, CardState.RUNNING)
    for _ in range(limit):
        card_in(scene.world, CardState.NEEDS_HUMAN, stage="develop")
    page = client.get(BOARD).text
    assert f'id="n-active">{limit + 1}<' in page
    assert f">1</span>/{limit}<" in page
    assert "data-over" not in page


def test_running_card_tells_its_newest_event(scene: ConsoleScene, client: Client) -> None:
    card_in(scene.world, CardState.RUNNING)
    assert '<p class="act">started stage develop, attempt 1</p>' in client.get(BOARD).text


def test_board_speaks_chinese(scene: ConsoleScene) -> None:
    _add(scene, "One")
    page = scene.client(Role.ADMIN, **{"accept-language": "zh-CN,zh;q=0.9"}).get(BOARD).text
    assert "新建卡片" in page
    assert 'lang="zh-Hans"' in page


def test_broken_pipeline_and_card_file_are_told_and_the_board_stays(
    scene: ConsoleScene, client: Client
) -> None:
    _add(scene, "One")
    scene.world.home.pipeline("demo").write_text("stages: 7\n")
    page = client.get(BOARD)
    assert page.status == 200
    assert _rows(page.text) == [1]


# --- the stream ---


def test_stream_replays_what_came_after_the_page_and_goes_on(
    scene: ConsoleScene, client: Client
) -> None:
    cursor = re.findall(r'data-cursor="([\w-]+)"', client.get(BOARD).text)[0]
    _add(scene, "Between")
    with client.stream(f"/events?view=board:demo&cursor={cursor}") as stream:
        first = stream.next().json
        assert first["view"]["column"] == "col-planning"
        assert first["view"]["counts"]["n-planning"] == "1"
        assert 'id="c-1"' in first["view"]["html"]
        client.post_json(f"{API}/cards/1/move", {"column": "backlog"})
        second = stream.next()
        assert second.json["view"]["column"] == "col-backlog"
        seen = second.id
    _add(scene, "While away")
    with client.stream("/events?view=board:demo", {"last-event-id": seen}) as stream:
        numbers = []
        while 2 not in numbers:
            numbers.append(stream.next().json["card"])


def test_streams_differ_by_language_role_and_filter(scene: ConsoleScene, client: Client) -> None:
    chinese = scene.client(Role.VIEWER, **{"accept-language": "zh"})
    path = "/events?view=board:demo"
    with (
        client.stream(path + "&cursor=0") as english,
        chinese.stream(path + "&cursor=0") as other,
        client.stream(path + "?label:ui&cursor=0") as filtered,
    ):
        _add(scene, "One")
        _add(scene, "Two", labels=("UI",))
        first, second = english.next().json["view"], other.next().json["view"]
        assert "Planning" in first["html"]
        assert "/move" in first["html"]
        assert "规划" in second["html"]
        assert "/move" not in second["html"]
        found = [filtered.next().json["view"] for _ in range(2)]
        assert [one["fits"] for one in found] == [False, True]
        assert [one["counts"]["n-planning"] for one in found][-1] == "1"


def test_stream_of_no_board_or_with_a_wrong_filter_is_refused(client: Client) -> None:
    assert client.get("/events?view=board:nobody").status == 404
    assert client.get("/events?view=board:demo?is:nonsense").status == 422
    assert client.get("/events?view=nothing").status == 404


def test_a_stage_with_a_column_of_its_own_has_it_on_the_board(
    scene: ConsoleScene, client: Client
) -> None:
    text = (Path(__file__).parent.parent / "data/sps_cli/renamed.yaml").read_text()
    scene.world.pipeline_files.install("demo", text)
    card = card_in(scene.world, CardState.RUNNING, stage="polish")
    page = client.get(BOARD)
    assert re.search(r'<h3 id="h-at-polish">Polishing</h3>', page.text)
    column = page.text.partition('id="col-at-polish"')[2].partition("</ul>")[0]
    assert f'id="c-{card.seq}"' in column
    assert 'id="n-active">0<' in page.text
    alone = client.get(f"{BOARD}/at-polish")
    assert _rows(alone.text) == [card.seq]
    assert client.get(f"{BOARD}/at-nothing").status == 404
    found = client.get(f"{API}/board").json["columns"]
    assert [one["key"] for one in found if one["total"]] == ["at-polish"]
