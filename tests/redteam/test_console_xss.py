"""What cards, agents, repositories and gates write is shown, and never obeyed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sps.model.card import CardText
from sps.model.errors import SpsError
from sps.services import move_card
from tests.integration.console_scene import Client, console_scene
from tests.integration.scene import Scene
from tests.redteam.payloads import PAYLOADS, smuggled

pytestmark = pytest.mark.needs("git")
TABS = ("", "?edit=1", "/run", "/changes", "/gates", "/timeline", "/timeline?full=1")
PIPELINE = """\
version: 1
agent: scripted
stages:
  - {name: develop, timeout: 1m, attempts: 1}
  - {name: look, approve: person, on_fail: develop}
gates:
  - {name: loud, run: cat loud.txt}
sandbox: none
"""
WRITE = """\
import json, os
for number, text in enumerate(json.load(open("payloads.json"))):
    name = f"{number} " + text.replace("/", "_").replace("\\x00", "_")
    with open(name.encode()[:200].decode(errors="ignore"), "w") as file:
        file.write(text + "\\n")
    with open(f"{number}.py", "w") as file:
        file.write(f"x = '''{text}'''  # {text}\\n")
    print(text)
"""
BODY = """\
```sh
python3 write.py
```
"""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Scene, Client]]:
    """A change that waits for a person, with payloads wherever its agent could put them."""
    files = {
        "payloads.json": json.dumps(PAYLOADS), "write.py": WRITE, "loud.txt": "\n".join(PAYLOADS),
    }  # fmt: skip
    folder = tmp_path_factory.mktemp("hostile")
    scene = Scene(folder, PIPELINE, files)
    try:
        seq = scene.add(BODY, title=PAYLOADS[0])
        scene.tick()
        assert scene.standing(seq) in {("review", "awaiting-approval"), ("needs_human", "secret")}
        for payload in PAYLOADS:
            move_card.comment_card(scene.world, "p", seq, payload)
        _into_transcript(scene, seq)
        with console_scene(folder, scene.world) as console:
            yield scene, console.client()
    finally:
        scene.close()


def _into_transcript(scene: Scene, seq: int) -> None:
    run = scene.runs(seq)[-1]
    folder = scene.world.home.run("p", run.id)
    with (folder / "transcript.jsonl").open("a") as file:
        for number, text in enumerate(PAYLOADS):
            for kind in ("prompt", "said", "permission", "note", "end", text):
                line = {"at": number, "type": kind, "text": text, "title": text, "path": text,
                        "rule": text, "decision": text, "outcome": text}  # fmt: skip
                file.write(json.dumps(line) + "\n")
            for status in ("pending", "failed", text):
                line = {"at": number, "type": "tool", "call": text, "title": text, "kind": text,
                        "status": status, "output": text}  # fmt: skip
                file.write(json.dumps(line) + "\n")
    (folder / "stderr.log").write_text("\n".join(PAYLOADS))


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
