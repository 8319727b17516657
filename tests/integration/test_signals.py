"""What a run leaves behind for whoever looks into it: log lines, request ids, the trace."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sps.lib.span import trace_id
from sps.model.event import EventKind
from sps.services.why import why
from tests.integration.scene import Scene, fail, file, sh

pytestmark = pytest.mark.needs("bwrap")

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "log-schema.json").read_text())
REVIEWED = """\
version: 1
agent: scripted
stages:
  - {name: plan, timeout: 1m, idle_timeout: 20s, attempts: 3}
  - {name: develop, timeout: 1m, idle_timeout: 20s, attempts: 3}
gates:
  - {name: sound, run: test ! -e broken}
  - {name: traced, run: 'echo "$TRACEPARENT"'}
"""


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    it = Scene(tmp_path, REVIEWED)
    yield it
    it.close()


def sps(scene: Scene, *words: str, **env: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "sps", *words],
        env={**os.environ, "SPS_HOME": str(scene.world.home.root), **env},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=90, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


def log_of(scene: Scene) -> list[dict[str, Any]]:
    return [json.loads(line) for line in scene.world.home.log.read_text().splitlines()]


def fits(line: dict[str, Any]) -> bool:
    """Check a line against the parts of the schema that we use."""
    known = SCHEMA["properties"]
    assert line.keys() >= set(SCHEMA["required"]), line
    assert any(line.keys() >= set(one["required"]) for one in SCHEMA["anyOf"]), line
    for key, value in line.items():
        rule = known.get(key, SCHEMA["additionalProperties"])
        assert isinstance(value, str), line
        assert value in rule.get("enum", [value]), line
        assert re.search(rule.get("pattern", ""), value), line
    return True


def spans(root: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield root
    for span in root["spans"]:
        yield from spans(span)


def test_every_log_line_of_a_run_fits_the_schema_and_names_call_card_or_run(scene: Scene) -> None:
    scene.add(file("a.txt", "a\n"))
    sps(scene, "tick", "p", SPS_REQUEST_ID="the-caller-says-so", SPS_LOG="debug")
    assert scene.states() == {1: "done"}
    lines = log_of(scene)
    assert all(fits(line) for line in lines)
    assert {line["request_id"] for line in lines} == {"the-caller-says-so"}
    assert {line["card_id"] for line in lines if "card_id" in line} == {scene.card(1).id}
    assert "DEBUG" in {line["level"] for line in lines}


def test_log_of_a_happy_run_is_short_and_holds_no_error_and_no_debug(scene: Scene) -> None:
    scene.add(file("a.txt", "a\n"))
    sps(scene, "tick", "p")
    levels = [line["level"] for line in log_of(scene)]
    assert 0 < levels.count("INFO") <= 40
    assert set(levels) == {"INFO"}


def test_request_id_that_is_no_id_is_replaced_and_never_logged(scene: Scene) -> None:
    scene.add(file("a.txt", "a\n"))
    sps(scene, "tick", "p", SPS_REQUEST_ID="bad\nid; rm -rf")
    assert {len(line["request_id"]) for line in log_of(scene)} == {26}
    assert "rm -rf" not in scene.world.home.log.read_text()


def test_events_say_which_call_of_the_owner_made_them(scene: Scene) -> None:
    sps(scene, "card", "add", "p", "One", "Body", "--hold", SPS_REQUEST_ID="request-add")
    sps(scene, "card", "edit", "p", "1", "--title", "Two", SPS_REQUEST_ID="request-edit")
    sps(scene, "card", "comment", "p", "1", "Look", SPS_REQUEST_ID="request-comment")
    sps(scene, "card", "move", "p", "1", "backlog", SPS_REQUEST_ID="request-move")
    told = [(event.kind.value, event.payload["request"]) for event in scene.events(1)]
    assert told[:4] == [
        ("card.added", "request-add"),
        ("card.edited", "request-edit"),
        ("card.commented", "request-comment"),
        ("card.moved", "request-move"),
    ]


def test_each_call_without_an_id_gets_one_of_its_own(scene: Scene) -> None:
    sps(scene, "card", "add", "p", "One", "Body", "--hold")
    sps(scene, "card", "comment", "p", "1", "Look")
    ids = [event.payload["request"] for event in scene.events(1)]
    assert len(set(ids)) == 2
    assert {len(one) for one in ids} == {26}


def test_agent_and_gate_go_on_with_the_trace_of_their_card(scene: Scene) -> None:
    scene.add(sh('printf "%s %s\\n" "$TRACEPARENT" "$SPS_RUN_ID" >> seen.txt'))
    scene.tick()
    trace, card = trace_id(scene.card(1).id), scene.card(1)
    said = [line.split() for line in (scene.repo.at("seen.txt") or "").splitlines()]
    begun = {event.run_id: event.payload for event in scene.events(1, EventKind.RUN_STARTED)}
    assert said == [[f"00-{trace}-{told['span']}-01", run] for run, told in begun.items()]
    (gate,) = (
        event for event in scene.events(1, EventKind.GATE_RAN) if event.payload["name"] == "traced"
    )
    log = (scene.world.home.root / gate.payload["log"]).read_text()
    assert f"00-{trace}-{gate.payload['span']}-01" in log
    assert card.state.value == "done"


def test_trace_of_a_card_is_one_tree_without_orphans(scene: Scene) -> None:
    scene.add(file("broken", "x\n", "attempt=1") + sh("rm -f broken", "attempt=2"))
    scene.tick()
    found = json.loads(sps(scene, "why", "p", "1", "--json"))["trace"]
    every = list(spans(found["root"]))
    assert found["id"] == trace_id(scene.card(1).id)
    assert [span["kind"] for span in every if span["parent"] is None] == ["card"]
    assert all(below["parent"] == span["id"] for span in every for below in span["spans"])
    ids = [span["id"] for span in every]
    assert len(set(ids)) == len(ids)
    assert {span["kind"] for span in every} == {"card", "launch", "step", "run", "gate"}
    assert {span["name"] for span in every if span["kind"] == "run"} == {
        run.id for run in scene.runs(1)
    }
    payloads = [event.payload for event in scene.events(1)]
    used = {one[key] for one in payloads for key in ("span", "parent") if key in one}
    assert used <= set(ids)


def test_card_that_needs_a_person_has_a_whole_trace_too(scene: Scene) -> None:
    scene.add(fail("exit"))
    scene.tick()
    tree = why(scene.world, "p", 1).trace
    assert tree.root.spans
    assert all(launch.parent == tree.root.id for launch in tree.root.spans)
