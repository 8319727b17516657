"""What a card asks for, in the console: beginnings, previews, edits, parts, agents."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sps.console import catalogue
from sps.console.pages.card_shell import FIXES
from sps.model.access import Role
from sps.model.card import CardState, CardText
from sps.services.add_card import add_card
from sps.services.card_templates import TEMPLATES
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


def test_a_card_without_words_offers_beginnings_and_one_with_words_keeps_them(
    scene: ConsoleScene, client: Client
) -> None:
    empty = add_card(scene.world, "demo", CardText(title="Empty", hold=True))
    page = client.get(f"/p/demo/c/{empty.seq}").text
    for one in TEMPLATES:
        assert f"?edit=1&amp;template={one.key}" in page
    form = client.get(f"/p/demo/c/{empty.seq}?edit=1&template=bug").text
    assert "A test that fails without the repair" in form
    assert client.get(f"/p/demo/c/{empty.seq}?edit=1&template=../x").status == 200
    full = add_card(scene.world, "demo", CardText(title="Full", body="Mine.", hold=True))
    form = client.get(f"/p/demo/c/{full.seq}?edit=1&template=bug").text
    assert "A test that fails" not in form
    assert "Mine." in form


def test_a_preview_saves_nothing_and_loses_nothing(scene: ConsoleScene, client: Client) -> None:
    card = add_card(scene.world, "demo", CardText(title="One", body="Old.\n", hold=True))
    words = client.get(f"{A}/{card.seq}/facts").json["words"]
    sent = {"title": "Two", "body": "Some **new** <script>x</script>", "words": words,
            "whole": "true", "preview": "true"}  # fmt: skip
    page = client.post_form(f"/p/demo/c/{card.seq}/edit", sent)
    assert page.status == 200
    assert "Some <strong>new</strong> &lt;script&gt;" in page.text
    assert 'value="Two"' in page.text
    assert "-Old." in page.text
    assert f'name="words" value="{words}"' in page.text
    assert client.get(f"{A}/{card.seq}").json["title"] == "One"
    del sent["preview"]
    assert client.post_form(f"/p/demo/c/{card.seq}/edit", sent).status == 303
    assert client.get(f"{A}/{card.seq}").json["title"] == "Two"


def test_the_history_of_edits_has_their_differences(scene: ConsoleScene, client: Client) -> None:
    card = add_card(scene.world, "demo", CardText(title="One", body="a\nb\n", hold=True))
    body = {"title": "Two", "body": "a\n<b>c</b>\n", "labels": ["x"]}
    assert client.post_json(f"{A}/{card.seq}", body, verb="PATCH").status == 200
    page = client.get(f"/p/demo/c/{card.seq}").text
    for line in ("-One", "+Two", "-b", "+&lt;b&gt;c&lt;/b&gt;", "+x"):
        assert f'<td class="cd">{line}</td>' in page
    assert client.post_form(f"/p/demo/c/{card.seq}/comment", {"text": "be quick"}).status == 303
    assert "owner says: be quick" in client.get(f"/p/demo/c/{card.seq}").text
    long = {"body": "\n".join(f"line {n} " + "x" * 240 for n in range(900))}
    assert client.post_json(f"{A}/{card.seq}", long, verb="PATCH").status == 200
    kept = client.get(f"{A}/{card.seq}").json["events"][-1]["payload"]["difference"]
    assert (len(kept), max(map(len, kept))) == (201, 202)
    assert client.post_json(f"{A}/{card.seq}", {"body": "\n" * 5000}, verb="PATCH").status == 200
    kept = client.get(f"{A}/{card.seq}").json["events"][-1]["payload"]["difference"]
    assert kept[-1] == "@@ 900 lines are now 5001 @@"


def test_parts_become_cards_that_the_whole_waits_for(scene: ConsoleScene, client: Client) -> None:
    text = CardText(
        title="Big", body="- [ ] one\n- [x] two\n- [ ] three\n", labels=("a",), priority=3,
        agent="scripted", hold=True,
    )  # fmt: skip
    card = add_card(scene.world, "demo", text)
    form = client.get(f"/p/demo/c/{card.seq}?split=1").text
    assert form.count('name="part"') == 2
    fields = [("part", "one"), ("part", "three"), ("more", "four\r\n\r\n one "), ("wait", "true")]
    for _ in range(2):
        done = client.post_form(f"/p/demo/c/{card.seq}/split", fields)
        assert (done.status, done.headers["location"]) == (303, f"/p/demo/c/{card.seq}")
    cards = client.get(A).json["cards"]
    assert [one["title"] for one in cards] == ["Big", "one", "three", "four"]
    assert cards[0]["after"] == [one["seq"] for one in cards[1:]]
    part = client.get(f"{A}/{cards[1]['seq']}").json
    assert (part["labels"], part["priority"], part["agent"], part["state"]) == (
        ["a"], 3, "scripted", "planning",
    )  # fmt: skip
    assert part["body"] == f"A part of card {card.seq}, Big.\n"


@pytest.mark.parametrize(
    "state, body, code",
    [
        (CardState.RUNNING, {"part": ["x"]}, "card-at-work"),
        (CardState.DROPPED, {"part": ["x"]}, "card-finished"),
        (CardState.BACKLOG, {"part": [" "]}, "no-parts"),
        (CardState.BACKLOG, {"part": ["x" * 201]}, "too-many-parts"),
        (CardState.BACKLOG, {"more": "\n".join(map(str, range(21)))}, "too-many-parts"),
    ],
)
def test_a_split_that_cannot_be_adds_no_card(
    scene: ConsoleScene, client: Client, state: CardState, body: dict[str, object], code: str
) -> None:
    seq = card_in(scene.world, state).seq
    assert client.post_json(f"{A}/{seq}/split", body).json["code"] == code
    assert len(client.get(A).json["cards"]) == 1


def test_a_card_is_given_to_another_agent_and_back(scene: ConsoleScene, client: Client) -> None:
    seq = card_in(scene.world, CardState.BACKLOG).seq
    assert "<option>scripted</option>" in client.get(f"/p/demo/c/{seq}").text
    assert client.post_form(f"/p/demo/c/{seq}/assign", {"agent": "scripted"}).status == 303
    assert client.get(f"{A}/{seq}").json["agent"] == "scripted"
    assert client.post_json(f"{A}/{seq}/assign", {"agent": "nobody"}).status in (404, 422)
    assert client.post_json(f"{A}/{seq}/assign", {"agent": ""}).status == 200
    assert client.get(f"{A}/{seq}").json["agent"] is None
    for act in ("assign", "split"):
        assert scene.client(Role.VIEWER).post_form(f"/p/demo/c/{seq}/{act}").status == 403


@pytest.mark.parametrize("reason", sorted(FIXES))
def test_what_stops_a_card_leads_to_where_it_is_put_right(
    scene: ConsoleScene, client: Client, reason: str
) -> None:
    seq = card_in(scene.world, CardState.NEEDS_HUMAN, reason=reason).seq
    page = client.get(f"/p/demo/c/{seq}").text
    label, to = FIXES[reason]
    address = to.format(card=f"/p/demo/c/{seq}", project="demo")
    assert f'<a class="btn" href="{address}">{label}</a>' in page
    assert client.get(address).status == 200


def test_beginnings_and_ways_out_have_chinese_words() -> None:
    said = [one.name for one in TEMPLATES] + [one.body for one in TEMPLATES]
    said += [label for label, _ in FIXES.values()]
    assert [one for one in said if catalogue.say("zh", one) == one] == []
