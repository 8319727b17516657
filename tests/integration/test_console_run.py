"""A card's runs in the console: transcripts by offset, turns by link, words that are found."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sps.console import catalogue
from sps.model.card import CardState
from sps.model.run import Outcome, Run, RunKind
from sps.services import transcript as reading
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


def a_run(scene: ConsoleScene, seq: int, *, ended: bool = False) -> tuple[str, Path]:
    card = scene.world.store.read(lambda tx: tx.card_by_seq("demo", seq))
    assert card is not None
    run = Run(
        id=scene.world.ids.new(), card_id=card.id, project="demo", generation=card.generation,
        stage="develop", attempt=1, kind=RunKind.WORK, agent="scripted", worker="w",
        workspace="/work", started_at=scene.world.clock.now(),
    )  # fmt: skip
    scene.world.store.write(lambda tx: tx.start_run(run))
    if ended:
        scene.world.store.write(lambda tx: tx.end_run(run.id, Outcome.ENDED, "", run.started_at))
    folder = scene.world.home.run("demo", run.id)
    folder.mkdir(parents=True)
    return run.id, folder / "transcript.jsonl"


def line(kind: str, /, **fields: object) -> bytes:
    return json.dumps({"at": 1000, "type": kind, **fields}).encode() + b"\n"


def test_a_transcript_is_read_on_from_where_the_reader_was(
    scene: ConsoleScene, client: Client
) -> None:
    seq = card_in(scene.world, CardState.RUNNING).seq
    run, file = a_run(scene, seq)
    file.write_bytes(line("prompt", text="Do it") + line("said", text="First") + b'{"at":1,"ty')
    first = client.get(f"{A}/{seq}/run/{run}?offset=0").json
    assert [(e["kind"], e["text"]) for e in first["entries"]] == [
        ("prompt", "Do it"), ("said", "First"),
    ]  # fmt: skip
    assert first["live"] is True
    with file.open("ab") as more:
        more.write(b'pe":"said","text":"Second"}\n')
    second = client.get(f"{A}/{seq}/run/{run}?offset={first['next']}").json
    assert [e["text"] for e in second["entries"]] == ["Second"]
    assert client.get(f"{A}/{seq}/run/{run}?offset={second['next']}").json["entries"] == []


def test_the_end_of_a_tool_call_is_told_with_its_beginning(
    scene: ConsoleScene, client: Client
) -> None:
    seq = card_in(scene.world, CardState.RUNNING).seq
    run, file = a_run(scene, seq)
    begin = line("tool", call="c1", title="make test", kind="execute", status="pending")
    file.write_bytes(begin)
    part = client.get(f"/p/demo/c/{seq}/run?run={run}&offset=0&part=1")
    assert 'data-next="0"' in part.text
    assert "<details" in part.text
    with file.open("ab") as more:
        more.write(line("tool", call="c1", title="", status="failed", output="\x1b[31mno\x1b[0m"))
    part = client.get(f"/p/demo/c/{seq}/run?run={run}&offset=0&part=1")
    assert part.text.count("<details") == 1
    assert '<details class="tool" id="t0-d" data-status="failed" open>' in part.text
    assert '<span class="fr">no</span>' in part.text
    assert f'data-next="{file.stat().st_size}"' in part.text


def test_a_long_transcript_shows_its_end_and_says_so(scene: ConsoleScene, client: Client) -> None:
    seq = card_in(scene.world, CardState.RUNNING).seq
    run, file = a_run(scene, seq)
    file.write_bytes(b"".join(line("said", text=f"word {n} " + "x" * 500) for n in range(2000)))
    page = client.get(f"/p/demo/c/{seq}/run")
    assert "word 1999" in page.text
    assert "word 10 " not in page.text
    assert f"run?run={run}&amp;offset=0" in page.text
    assert "word 10 " in client.get(f"/p/demo/c/{seq}/run?run={run}&offset=0").text


def test_broken_lines_stop_no_reader(scene: ConsoleScene, client: Client) -> None:
    seq = card_in(scene.world, CardState.RUNNING).seq
    run, file = a_run(scene, seq)
    broken = b"\xff\xfe\n[]\n{}\nnull\n" + b'{"type":5}\n{"type":"said","text":7,"at":"x"}\n'
    file.write_bytes(broken + b"x" * (reading.PART + 5) + b"\n" + line("said", text="at last"))
    offset, seen = 0, []
    for _ in range(6):
        part = client.get(f"{A}/{seq}/run/{run}?offset={offset}").json
        seen += [e["text"] for e in part["entries"]]
        offset = part["next"]
    assert seen[-1] == "at last"
    assert offset == file.stat().st_size


def test_a_run_of_another_card_is_not_shown(scene: ConsoleScene, client: Client) -> None:
    one, other = (card_in(scene.world, CardState.RUNNING).seq for _ in range(2))
    run, file = a_run(scene, one)
    file.write_bytes(line("said", text="private"))
    assert client.get(f"/p/demo/c/{other}/run?run={run}").status == 404
    assert client.get(f"{A}/{other}/run/{run}").json["code"] == "unknown-run"
    assert client.get(f"{A}/{one}/run/{run}?offset=-1").json["code"] == "bad-offset"


def test_a_turn_has_a_link_that_leads_to_it_from_anywhere(
    scene: ConsoleScene, client: Client
) -> None:
    seq = card_in(scene.world, CardState.RUNNING).seq
    run, file = a_run(scene, seq, ended=True)
    lines = [line("said", text=f"word {n} " + "x" * 500, at=1000 + n) for n in range(2000)]
    file.write_bytes(b"".join(lines))
    early = len(b"".join(lines[:10]))
    page = client.get(f"/p/demo/c/{seq}/run?run={run}&turn={early}").text
    assert f'id="t{early}"' in page
    assert "word 10 " in page
    late = len(b"".join(lines[:1990]))
    page = client.get(f"/p/demo/c/{seq}/run?run={run}&turn={late}").text
    assert "word 1999" in page
    assert f'href="?run={run}&amp;turn={late}#t{late}"' in page
    there = client.get(f"/p/demo/c/{seq}/run/at?run={run}&time=1010")
    assert there.headers["location"] == f"/p/demo/c/{seq}/run?run={run}&turn={early}#t{early}"


def test_a_link_to_a_time_leads_to_what_is_seen_and_a_tool_to_itself(
    scene: ConsoleScene, client: Client
) -> None:
    seq = card_in(scene.world, CardState.RUNNING).seq
    run, file = a_run(scene, seq, ended=True)
    lines = [
        line("said", text="one", at=10), line("permission", decision="allow", title="x", at=11),
        line("tool", call="c", title="make", status="pending", at=12), line("turn", at=13),
        line("tool", call="c", status="completed", at=14), line("said", text="two", at=20),
    ]  # fmt: skip
    file.write_bytes(b"".join(lines))
    starts = [len(b"".join(lines[:n])) for n in range(len(lines))]
    for words, there in (
        ("time=11", starts[0]), ("time=13", starts[2]), ("time=15", starts[2]),
        ("time=99", starts[5]), ("time=99&call=c", starts[2]), ("time=11&call=none", starts[0]),
    ):  # fmt: skip
        reply = client.get(f"/p/demo/c/{seq}/run/at?run={run}&{words}")
        assert reply.headers["location"].endswith(f"#t{there}"), words
        assert f'id="t{there}"' in client.get(f"/p/demo/c/{seq}/run?run={run}").text


def test_a_run_that_ended_is_read_on_to_its_end(scene: ConsoleScene, client: Client) -> None:
    seq = card_in(scene.world, CardState.RUNNING).seq
    run, file = a_run(scene, seq, ended=True)
    open_call = line("tool", call="c", title="never ends", kind="read", status="pending")
    lines = [line("said", text=f"word {n} " + "x" * 500) for n in range(1000)]
    file.write_bytes(b"".join([*lines, open_call, line("end", outcome="crashed", text="gone")]))
    offset, seen = 0, 0
    for _ in range(10):
        part = client.get(f"/p/demo/c/{seq}/run?run={run}&offset={offset}&part=1").text
        seen += part.count("word ")
        more = part.partition('data-more="')[2].partition('"')[0]
        if not more:
            break
        offset = int(more)
    assert seen == 1000
    assert "The session ended:" in part


def test_words_are_found_in_all_of_a_transcript(scene: ConsoleScene, client: Client) -> None:
    seq = card_in(scene.world, CardState.RUNNING).seq
    run, file = a_run(scene, seq, ended=True)
    lines = [line("said", text=f"word {n} " + "x" * 500) for n in range(2000)]
    lines[7] = line("said", text="Here is the <b>Needle</b> of it")
    lines[1500] = line("tool", call="c", title="make", output="no NEEDLE here", status="failed")
    file.write_bytes(b"".join(lines))
    hits = client.get(f"{A}/{seq}/run/{run}/search?words=needle").json["hits"]
    assert [(hit["offset"], hit["kind"]) for hit in hits] == [
        (len(b"".join(lines[:7])), "said"), (len(b"".join(lines[:1500])), "tool"),
    ]  # fmt: skip
    page = client.get(f"/p/demo/c/{seq}/run?run={run}&find=needle").text
    assert "Here is the &lt;b&gt;Needle&lt;/b&gt; of it" in page
    assert f"turn={hits[0]['offset']}#t{hits[0]['offset']}" in page
    assert client.get(f"{A}/{seq}/run/{run}/search?words=").json["hits"] == []
    assert client.get(f"{A}/{seq}/run/none/search?words=x").json["code"] == "unknown-run"


def test_a_question_of_the_agent_stands_where_it_is_answered(
    scene: ConsoleScene, client: Client
) -> None:
    seq = card_in(scene.world, CardState.RUNNING).seq
    _, file = a_run(scene, seq)
    file.write_bytes(
        line("thought", text="Hm.") + line("said", text="Done so far.\nTabs or spaces?")
    )
    page = client.get(f"/p/demo/c/{seq}/run").text
    assert '<p class="asks" id="asks"><b>The agent asks:</b> <span>Tabs or spaces?</span>' in page
    assert "<b>Thought</b>" in page
    file.write_bytes(line("said", text="Done."))
    assert 'id="asks" hidden' in client.get(f"/p/demo/c/{seq}/run").text


def test_every_way_a_run_ends_has_a_word() -> None:
    same = [one.value for one in Outcome if catalogue.say("zh", one.value) == one.value]
    assert same == []
