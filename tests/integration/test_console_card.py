"""A card's pages and documents: acts in each state, conflicts, transcripts by offset."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sps.model.access import Role
from sps.model.card import CardState, CardText
from sps.model.event import EventKind
from sps.ports.store import EventQuery
from sps.services.add_card import add_card
from tests.fakes.small_world import card_in
from tests.integration.console_scene import Client, ConsoleScene, console_scene

A = "/api/v1/projects/demo/cards"


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[ConsoleScene]:
    with console_scene(tmp_path) as made:
        yield made


@pytest.fixture
def client(scene: ConsoleScene) -> Client:
    return scene.client()


def awaiting(scene: ConsoleScene) -> int:
    card = card_in(
        scene.world, CardState.REVIEW, stage="check", reason="awaiting-approval", tree="t" * 40,
        tree_base="b" * 40, tip="c" * 40,
    )  # fmt: skip
    return card.seq


def state_of(scene: ConsoleScene, seq: int) -> tuple[str, str | None]:
    card = scene.world.store.read(lambda tx: tx.card_by_seq("demo", seq))
    assert card is not None
    return card.state.value, card.reason


def said(scene: ConsoleScene, seq: int) -> list[str]:
    def question(tx: object) -> list[str]:
        card = tx.card_by_seq("demo", seq)  # type: ignore[attr-defined]
        events = tx.events(EventQuery(card_id=card.id))  # type: ignore[attr-defined]
        return [e.payload["text"] for e in events if e.kind is EventKind.CARD_COMMENTED]

    return scene.world.store.read(question)


@pytest.mark.parametrize("state", list(CardState))
@pytest.mark.parametrize("tab", ["", "?edit=1", "/run", "/changes", "/gates", "/timeline"])
def test_every_tab_opens_in_every_state(
    scene: ConsoleScene, client: Client, state: CardState, tab: str
) -> None:
    seq = card_in(scene.world, state).seq
    page = client.get(f"/p/demo/c/{seq}{tab}")
    assert page.status == 200
    assert f'data-number="demo#{seq}"' in page.text


@pytest.mark.parametrize("tab", ["", "/facts", "/why", "/run", "/gates", "/timeline"])
def test_every_tab_has_a_document(scene: ConsoleScene, client: Client, tab: str) -> None:
    seq = card_in(scene.world, CardState.READY).seq
    reply = client.get(f"{A}/{seq}{tab}", {"accept": "application/json"})
    assert reply.status == 200
    assert isinstance(reply.json, dict)


def test_a_file_made_by_hand_is_shown_before_it_is_taken_in(
    scene: ConsoleScene, client: Client
) -> None:
    scene.world.card_files.create("demo", 7, CardText(title="By hand", body="Words."))
    page = client.get("/p/demo/c/7")
    assert page.status == 200
    assert "By hand" in page.text


def test_the_way_of_a_card_shows_where_it_stopped(scene: ConsoleScene, client: Client) -> None:
    seq = card_in(scene.world, CardState.NEEDS_HUMAN, reason="timeout").seq
    steps = client.get(f"{A}/{seq}/facts").json["steps"]
    assert [(s["name"], s["standing"]) for s in steps] == [
        ("Spec", "done"), ("plan", "done"), ("develop", "failed"), ("Gates", "ahead"),
        ("check", "ahead"), ("sign-off", "ahead"), ("Landing", "ahead"),
    ]  # fmt: skip
    page = client.get(f"/p/demo/c/{seq}")
    assert "sps card retry" in page.text


@pytest.mark.parametrize("api", [False, True])
@pytest.mark.parametrize(
    "state, act, after",
    [
        (CardState.PLANNING, "release", "backlog"),
        (CardState.BACKLOG, "hold", "planning"),
        (CardState.RUNNING, "cancel", "planning"),
        (CardState.READY, "drop", "dropped"),
        (CardState.NEEDS_HUMAN, "retry", "ready"),
    ],
)
def test_owners_act_by_form_and_by_document(
    scene: ConsoleScene, client: Client, state: CardState, act: str, after: str, api: bool
) -> None:
    seq = card_in(scene.world, state).seq
    if api:
        reply = client.post_json(f"{A}/{seq}/{act}", {})
        assert (reply.status, reply.json["state"]) == (200, after)
    else:
        reply = client.post_form(f"/p/demo/c/{seq}/{act}", {"back": f"/p/demo/c/{seq}/run"})
        assert (reply.status, reply.headers["location"]) == (303, f"/p/demo/c/{seq}/run")
    assert state_of(scene, seq)[0] == after


@pytest.mark.parametrize(
    "act", ["approve", "reject", "retry", "comment", "cancel", "hold", "release", "drop", "edit",
            "check"],
)  # fmt: skip
def test_a_viewer_changes_nothing(scene: ConsoleScene, act: str) -> None:
    seq = awaiting(scene)
    viewer = scene.client(Role.VIEWER)
    body = {"text": "x", "item": "1"} if act in ("comment", "check") else {}
    assert viewer.post_form(f"/p/demo/c/{seq}/{act}", body).status == 403
    for tab in ("", "?edit=1", "/changes"):
        page = viewer.get(f"/p/demo/c/{seq}{tab}").text
        assert "<form" not in page.partition("<main")[2].partition("</main>")[0]
    assert state_of(scene, seq) == ("review", "awaiting-approval")


def test_a_way_back_never_leads_elsewhere(scene: ConsoleScene, client: Client) -> None:
    for back in ("//evil.example", "https://evil.example", "/\\evil.example", "javascript:x"):
        seq = card_in(scene.world, CardState.BACKLOG).seq
        reply = client.post_form(f"/p/demo/c/{seq}/hold", {"back": back})
        assert reply.headers["location"] == "/"


def test_retry_begins_with_the_stage_that_was_chosen(scene: ConsoleScene, client: Client) -> None:
    seq = card_in(scene.world, CardState.NEEDS_HUMAN).seq
    assert client.post_form(f"/p/demo/c/{seq}/retry", {"stage": "plan"}).status == 303
    card = scene.world.store.read(lambda tx: tx.card_by_seq("demo", seq))
    assert card is not None
    assert card.stage == "plan"
    assert client.post_json(f"{A}/{seq}/retry", {"stage": "nonsense"}).status in (409, 422)


def test_remarks_and_comment_become_one_message(scene: ConsoleScene, client: Client) -> None:
    seq = awaiting(scene)
    fields = [
        ("comment", "Nearly.\r\nBut:"), ("note", "a.py:3: too loud"), ("note", "a.py:9: "),
        ("note", "my file.py:12:"), ("note", "b.py:1-4: why: this?"), ("seen", "t" * 40),
        ("back", f"/p/demo/c/{seq}/run"),
    ]  # fmt: skip
    reply = client.post_form(f"/p/demo/c/{seq}/reject", fields)
    assert (reply.status, reply.headers["location"]) == (303, f"/p/demo/c/{seq}/run")
    (verdict,) = client.get(f"{A}/{seq}/gates").json["reviews"]
    assert [(c["path"], c["line"], c["end"], c["text"]) for c in verdict["comments"]] == [
        ("", 0, 0, "Nearly.\nBut:"), ("a.py", 3, 0, "too loud"), ("b.py", 1, 4, "why: this?"),
    ]  # fmt: skip
    assert state_of(scene, seq) == ("ready", "changes-requested")


def test_changes_cannot_be_asked_for_without_a_word(scene: ConsoleScene, client: Client) -> None:
    seq = awaiting(scene)
    reply = client.post_json(f"{A}/{seq}/reject", {"note": ["a.py:3:"]})
    assert (reply.status, reply.json["code"]) == (422, "empty-comment")


@pytest.mark.parametrize("act", ["approve", "reject"])
def test_a_decision_on_a_change_that_was_replaced_is_a_conflict(
    scene: ConsoleScene, client: Client, act: str
) -> None:
    seq = awaiting(scene)
    reply = client.post_json(f"{A}/{seq}/{act}", {"seen": "e" * 40, "comment": "words"})
    assert (reply.status, reply.json["code"]) == (409, "stale")
    assert state_of(scene, seq) == ("review", "awaiting-approval")
    assert client.post_json(f"{A}/{seq}/{act}", {"seen": "t" * 40, "comment": "x"}).status == 200


def test_words_given_with_an_approval_are_kept(scene: ConsoleScene, client: Client) -> None:
    seq = awaiting(scene)
    body = {"note": ["a.py:1: nice"], "seen": "t" * 40}
    assert client.post_json(f"{A}/{seq}/approve", body).status == 200
    (verdict,) = client.get(f"{A}/{seq}/gates").json["reviews"]
    assert (verdict["verdict"], verdict["comments"][0]["text"]) == ("approve", "nice")


def test_a_message_reaches_the_running_agent(scene: ConsoleScene, client: Client) -> None:
    card = card_in(scene.world, CardState.RUNNING)
    assert client.post_form(f"/p/demo/c/{card.seq}/comment", {"text": "be quick"}).status == 303
    waiting = scene.world.store.read(lambda tx: tx.outbox(kind="message", key=card.id))
    assert [one.payload for one in waiting] == ["be quick"]


def test_an_edit_replaces_what_a_form_leaves_empty(scene: ConsoleScene, client: Client) -> None:
    card = add_card(scene.world, "demo", CardText(title="One", body="Words.", labels=("a", "b")))
    words = client.get(f"{A}/{card.seq}/facts").json["words"]
    sent = {"title": "Two", "whole": "true", "words": words, "priority": "3"}
    assert client.post_form(f"/p/demo/c/{card.seq}/edit", sent).status == 303
    now = client.get(f"{A}/{card.seq}").json
    assert (now["title"], now["body"].strip(), now["labels"], now["priority"]) == ("Two", "", [], 3)


def test_a_stale_edit_by_form_shows_the_difference_and_loses_nothing(
    scene: ConsoleScene, client: Client
) -> None:
    card = add_card(scene.world, "demo", CardText(title="One", body="Words.\n"))
    words = client.get(f"{A}/{card.seq}/facts").json["words"]
    assert client.post_json(f"{A}/{card.seq}", {"title": "Two"}, verb="PATCH").status == 200
    sent = {"title": "One", "body": "Mine.", "labels": "a, b", "words": words, "whole": "true"}
    page = client.post_form(f"/p/demo/c/{card.seq}/edit", sent)
    assert page.status == 409
    for line in ("-Two", "+One", "-Words.", "+Mine.", "+a, b"):
        assert line in page.text
    assert 'value="a, b"' in page.text
    assert client.get(f"{A}/{card.seq}").json["title"] == "Two"


@pytest.mark.parametrize("way", ["if-match", "version"])
def test_a_stale_edit_by_document_carries_the_difference(
    scene: ConsoleScene, client: Client, way: str
) -> None:
    card = add_card(scene.world, "demo", CardText(title="One"))
    version = client.get(f"{A}/{card.seq}/facts").json["version"]

    def sent(title: str, seen: int) -> object:
        body = {"title": title} | ({"version": seen} if way == "version" else {})
        given = {"if-match": f'"{seen}"'} if way == "if-match" else {}
        return client.post_json(f"{A}/{card.seq}", body, given, verb="PATCH")

    assert sent("Two", version).status == 200  # type: ignore[attr-defined]
    reply = sent("Three", version)
    assert reply.status == 409  # type: ignore[attr-defined]
    assert reply.headers["content-type"] == "application/problem+json"  # type: ignore[attr-defined]
    problem = reply.json  # type: ignore[attr-defined]
    assert problem["code"] == "stale"
    assert problem["difference"].splitlines()[-2:] == ["-Two", "+Three"]
    assert sent("Three", problem["version"]).status == 200  # type: ignore[attr-defined]


def test_a_card_that_only_moved_can_still_be_edited(scene: ConsoleScene, client: Client) -> None:
    card = add_card(scene.world, "demo", CardText(title="One"))
    words = client.get(f"{A}/{card.seq}/facts").json["words"]
    assert client.post_form(f"/p/demo/c/{card.seq}/hold").status == 303
    reply = client.post_form(f"/p/demo/c/{card.seq}/edit", {"title": "Two", "words": words})
    assert reply.status == 303


@pytest.mark.parametrize(
    "body",
    [{"titel": "x"}, {"priority": "much"}, {"after": "two"}, {"after": [99]},
     {"skills": ["none"]}, {"title": ""}, {"title": "x" * 201}],
)  # fmt: skip
def test_a_bad_edit_is_refused_and_changes_nothing(
    scene: ConsoleScene, client: Client, body: dict[str, object]
) -> None:
    card = add_card(scene.world, "demo", CardText(title="One"))
    reply = client.post_json(f"{A}/{card.seq}", body, verb="PATCH")
    assert reply.status in (404, 422), reply.text
    assert client.get(f"{A}/{card.seq}").json["title"] == "One"


def test_an_item_is_ticked_and_one_that_changed_is_not(scene: ConsoleScene, client: Client) -> None:
    card = add_card(scene.world, "demo", CardText(title="One", body="- [ ] a\n- [ ] b\n"))
    path = f"/p/demo/c/{card.seq}/check"
    assert client.post_form(path, {"item": 2, "done": "true", "text": "b"}).status == 303
    items = client.get(f"{A}/{card.seq}").json["checklist"]
    assert [one["done"] for one in items] == [False, True]
    stale = client.post_json(f"{A}/{card.seq}/check", {"item": 1, "done": True, "text": "other"})
    assert (stale.status, stale.json["code"]) == (409, "stale")
    assert client.post_json(f"{A}/{card.seq}/check", {"item": 9}).json["code"] == "unknown-item"


def test_the_page_carries_the_event_it_was_made_after(scene: ConsoleScene, client: Client) -> None:
    seq = card_in(scene.world, CardState.BACKLOG).seq
    last = scene.world.store.read(lambda tx: tx.last_event())
    page = client.get(f"/p/demo/c/{seq}").text
    assert f'data-view="card:demo#{seq}" data-cursor="{last}"' in page
    with client.stream(f"/events?view=card:demo%23{seq}&cursor={last}") as stream:
        client.post_form(f"/p/demo/c/{seq}/hold")
        assert stream.next().json["card"] == seq


def test_every_word_of_the_card_s_pages_is_known_in_chinese(
    scene: ConsoleScene, client: Client
) -> None:
    import re

    from sps.console import catalogue
    from sps.console.rendering import FOLDER

    missing = []
    for path in sorted((FOLDER / "templates").glob("card_*.html")):
        text = path.read_text(encoding="utf-8")
        words = re.findall(r"""\bt\((?:"([^"]+)"|'([^']+)')""", text)
        words += [(word, "") for word in re.findall(r'act\("\w+", "([^"]+)"', text)]
        both = (one or other for one, other in words)
        missing += [word for word in both if catalogue.say("zh", word) == word]
    assert missing == []
    seq = card_in(scene.world, CardState.NEEDS_HUMAN).seq
    page = client.get(f"/p/demo/c/{seq}", {"accept-language": "zh-CN,zh"})
    assert "时间线" in page.text
