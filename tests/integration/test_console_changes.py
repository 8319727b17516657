"""A real change in the console: its parts, white space, sides, pictures, settled remarks."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest

from sps.model.access import Role
from tests.integration.console_scene import Client, console_scene
from tests.integration.scene import Scene, file, scenes, sh

pytestmark = pytest.mark.needs("bwrap", "git")

PIPELINE = """\
version: 1
agent: scripted
stages:
  - {name: develop, attempts: 3}
  - {name: look, approve: person, on_fail: develop}
"""
DOT = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)
BODY = (
    file("app.txt", "one\n  two\nthree\nfour\n", "attempt=1")
    + file("code.py", "def first():\n    return 1\n", "attempt=1")
    + sh(f"echo {DOT} | base64 -d > dot.png; printf '\\000\\001' > raw.bin", "attempt=1")
    + file("code.py", "def first():\n    return 2\n", "attempt=2")
)
P, A = "/p/p/c/1", "/api/v1/projects/p/cards/1"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Scene, Client, Client]]:
    """A card whose second attempt waits for its second review."""
    folder = tmp_path_factory.mktemp("changes")
    with scenes(folder) as make:
        scene = make(PIPELINE)
        scene.add(BODY)
        scene.tick()
        with console_scene(folder, scene.world) as console:
            client = console.client(Role.OPERATOR)
            fields = [("comment", "Better."), ("note", "code.py:1-2: return two"),
                      ("note", "app.txt:2: why?")]  # fmt: skip
            assert client.post_form(f"{P}/reject", fields).status == 303
            scene.tick()
            yield scene, client, console.client(Role.VIEWER)


def test_the_agent_got_the_review_as_one_message(place: tuple[Scene, Client, Client]) -> None:
    scene, _, _ = place
    prompt = scene.prompt(scene.runs(1)[-1])
    assert "Better.\ncode.py:1-2: return two\napp.txt:2: why?" in prompt


def test_a_part_of_the_change_is_what_a_run_or_the_time_since_a_review_brought(
    place: tuple[Scene, Client, Client],
) -> None:
    scene, client, _ = place
    parts = client.get(f"{A}/changes/parts").json["parts"]
    first, second = scene.runs(1)
    assert [(one["key"], one["attempt"]) for one in parts] == [
        (first.id, 1), (second.id, 2), ("review", 0),
    ]  # fmt: skip
    whole = client.get(f"{A}/changes").json
    assert set(whole["files"]) == {"app.txt", "code.py", "dot.png", "raw.bin"}
    for of in (second.id, "review"):
        found = client.get(f"{A}/changes?of={of}").json
        assert found["files"] == ["code.py"]
        assert "-    return 1" in found["text"]
    since = client.get(f"{A}/changes?of={parts[0]['new']}").json
    assert since["files"] == ["code.py"]


@pytest.mark.parametrize("of", ["nonsense", "f" * 40, "HEAD", "../../x"])
def test_what_is_no_part_of_the_card_is_not_shown(
    place: tuple[Scene, Client, Client], of: str
) -> None:
    _, client, _ = place
    assert client.get(f"{A}/changes?of={of}").json["code"] == "unknown-part"
    assert "has no part" in client.get(f"{P}/changes?of={of}").text


def test_white_space_is_hidden_when_it_is_asked_for(place: tuple[Scene, Client, Client]) -> None:
    _, client, _ = place
    assert "-two" in client.get(f"{A}/changes").json["text"]
    hidden = client.get(f"{A}/changes?space=hide").json["text"]
    assert "-two" not in hidden
    assert "+four" in hidden


def test_both_views_show_the_same_code_and_set_off_the_words(
    place: tuple[Scene, Client, Client],
) -> None:
    _, client, _ = place
    for view in ("", "&view=split"):
        page = client.get(f"{P}/changes?of=review{view}").text
        assert '<span class="w"><span class="m">1</span></span>' in page
        assert '<span class="w"><span class="m">2</span></span>' in page


def test_pictures_stand_side_by_side_and_other_bytes_are_only_kept(
    place: tuple[Scene, Client, Client],
) -> None:
    _, client, viewer = place
    page = viewer.get(f"{P}/changes").text
    assert f'<img src="{P}/changes/blob?path=dot.png&amp;side=new"' in page
    dot = viewer.get(f"{P}/changes/blob?path=dot.png&side=new")
    assert (dot.headers["content-type"], dot.body) == ("image/png", base64.b64decode(DOT))
    raw = viewer.get(f"{P}/changes/blob?path=raw.bin")
    assert raw.headers["content-type"] == "application/octet-stream"
    assert raw.headers["content-disposition"] == "attachment"
    assert raw.headers["x-content-type-options"] == "nosniff"
    for path in ("README.md", "../x", "raw.bin&side=old", "raw.bin&side=both"):
        assert client.get(f"{P}/changes/blob?path={path}").status == 404


def test_a_remark_stands_at_its_line_and_is_settled_and_opened_again(
    place: tuple[Scene, Client, Client],
) -> None:
    _, client, viewer = place
    page = client.get(f"{P}/changes").text
    row = page.partition('id="said-1.2"')[0].rpartition("<tr")[0]
    assert row.rstrip().endswith("</tr>")
    assert page.index('id="said-1.2"') > page.index("return")
    assert "on an earlier version" in page
    assert 'id="said-1.1"' in page.partition("Said in earlier reviews")[2]
    assert "/resolve" not in viewer.get(f"{P}/changes").text
    assert viewer.post_form(f"{P}/resolve", {"number": "1.2"}).status == 403
    for resolved in (True, True, False):
        reply = client.post_json(f"{A}/resolve", {"number": "1.2", "resolved": resolved})
        assert reply.status == 200
        (review,) = client.get(f"{A}/gates").json["reviews"]
        assert [one["resolved"] for one in review["comments"]] == [False, resolved, False]
    for number in ("1.4", "0.1", "x", "1.-1"):
        assert (
            client.post_json(f"{A}/resolve", {"number": number}).json["code"] == "unknown-comment"
        )


def test_a_remark_written_without_scripts_has_its_field_at_the_line(
    place: tuple[Scene, Client, Client],
) -> None:
    _, client, viewer = place
    page = client.get(f"{P}/changes?of=review&at=f0R2").text
    assert '<label for="n-f0R2" class="mono">code.py:2</label>' in page
    assert 'name="note"' not in viewer.get(f"{P}/changes?at=f0R2").text
