"""What cards, agents, repositories and gates write is shown, and never obeyed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sps.model.card import CardText
from sps.model.errors import SpsError
from tests.integration.console_scene import Client, console_scene
from tests.integration.scene import Scene
from tests.redteam.hostile_change import hostile_change
from tests.redteam.payloads import PAYLOADS, smuggled

pytestmark = pytest.mark.needs("git")
TABS = ("", "?edit=1", "/run", "/changes", "/gates", "/timeline", "/timeline?full=1")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Scene, Client]]:
    folder = tmp_path_factory.mktemp("hostile")
    with hostile_change(folder) as scene, console_scene(folder, scene.world) as console:
        yield scene, console.client()


@pytest.mark.parametrize("tab", TABS)
def test_no_tab_of_a_hostile_change_holds_foreign_markup(
    hostile: tuple[Scene, Client], tab: str
) -> None:
    _, client = hostile
    page = client.get(f"/p/p/c/1{tab}")
    assert page.status == 200
    assert smuggled(page.text) == []
    assert "<img" not in page.text


def test_the_payloads_did_reach_the_pages(hostile: tuple[Scene, Client]) -> None:
    _, client = hostile
    for tab in ("/run?offset=0", "/changes", "/gates", "/timeline"):
        text = client.get(f"/p/p/c/1{tab.replace('?offset', f'?run={_run(hostile)}&offset')}").text
        assert text.count("alert(1)") > 50, tab


def _run(hostile: tuple[Scene, Client]) -> str:
    return hostile[0].runs(1)[-1].id


def test_a_stretch_of_a_hostile_transcript_holds_no_foreign_markup(
    hostile: tuple[Scene, Client],
) -> None:
    _, client = hostile
    offset = 0
    for _ in range(20):
        page = client.get(f"/p/p/c/1/run?run={_run(hostile)}&offset={offset}&part=1")
        assert page.status == 200
        assert smuggled(page.text) == []
        following = int(page.text.partition('data-next="')[2].partition('"')[0])
        if following == offset:
            break
        offset = following
    assert offset > 50_000


def test_a_gates_output_is_served_as_text_that_no_browser_takes_for_more(
    hostile: tuple[Scene, Client],
) -> None:
    _, client = hostile
    page = client.get("/p/p/c/1/gates/loud/log")
    assert page.headers["content-type"] == "text/plain; charset=utf-8"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert "<script>" in page.text


def test_no_card_s_own_words_become_markup(hostile: tuple[Scene, Client]) -> None:
    scene, client = hostile
    shown = 0
    for payload in PAYLOADS:
        word = payload.replace("\n", " ")[:60].strip()
        text = CardText(title=payload, body=payload, labels=(word,), skills=(word,), hold=True,
                        accept=(word,), scope=(word,))  # fmt: skip
        seq = scene.world.card_files.highest("p") + 1
        try:
            scene.world.card_files.create("p", seq, text)
        except SpsError:  # a line end in a title, say: then the body alone
            text = CardText(title="A card", body=f"- [ ] {payload}\n\n{payload}", hold=True)
            scene.world.card_files.create("p", seq, text)
        for tab in ("", "?edit=1", "/run", "/timeline"):
            page = client.get(f"/p/p/c/{seq}{tab}")
            assert page.status in (200, 404), page.text
            assert smuggled(page.text) == [], (payload, tab)
            shown += page.status == 200
    assert shown > 300


def test_a_conflict_s_difference_holds_no_foreign_markup(hostile: tuple[Scene, Client]) -> None:
    _, client = hostile
    for payload in PAYLOADS[::6]:  # as many as one visitor may send in a row
        sent = {"title": payload[:100], "body": payload, "labels": payload[:50], "words": "another"}
        page = client.post_form("/p/p/c/1/edit", sent)
        assert page.status == 409
        assert smuggled(page.text) == [], payload


@pytest.mark.parametrize(
    "path",
    [
        "/p/p/c/1/gates/..%2f..%2fsps.db/log",
        "/p/p/c/1/gates/..\\..\\sps.db/log",
        "/p/p/c/1/run?run=../../../sps.db",
        "/p/p/c/1/run?run=%2e%2e&part=1",
        "/p/p/c/..%2f1",
        "/p/..%2f..%2fetc/c/1",
        "/api/v1/projects/p/cards/1/run/..%2f..",
    ],
)
def test_no_path_leads_out_of_the_home(hostile: tuple[Scene, Client], path: str) -> None:
    _, client = hostile
    assert client.get(path).status in (404, 422)
    assert client.get(path.replace("%2f", "/").replace("%2e", ".")).status in (404, 422)


def test_links_that_an_agent_left_in_a_runs_folder_are_not_followed(
    hostile: tuple[Scene, Client], tmp_path: Path
) -> None:
    scene, client = hostile
    run = scene.runs(1)[-1]
    folder = scene.world.home.run("p", run.id)
    secret = tmp_path / "secret"
    secret.write_text('{"type":"said","at":1,"text":"a secret of the owner"}\n')
    kept = (folder / "transcript.jsonl").rename(folder / "kept")
    try:
        (folder / "transcript.jsonl").symlink_to(secret)
        assert "a secret of the owner" not in client.get("/p/p/c/1/run").text
        (folder / "transcript.jsonl").unlink()
        moved = folder.rename(folder.with_name("moved"))
        (tmp_path / "transcript.jsonl").write_bytes(secret.read_bytes())
        folder.symlink_to(tmp_path)
        assert "a secret of the owner" not in client.get("/p/p/c/1/run").text
        folder.unlink()
        moved.rename(folder)
    finally:
        kept.rename(folder / "transcript.jsonl")
