"""The main job through the installed program."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.acceptance.installed_cli import REVIEWED, Cli, Said, make, writing

pytestmark = pytest.mark.needs("git")


@pytest.fixture
def sps(tmp_path: Path) -> Cli:
    return make(tmp_path)


def until(look: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + 60
    while not look():
        assert time.monotonic() < end, what
        time.sleep(0.1)


def test_cards_become_commits_and_promises_hold(sps: Cli) -> None:
    sps("card", "add", "demo", "Write a", writing("a.txt"))
    sps("card", "add", "demo", "Write b", writing("b.txt"), "--after", "1")
    sps("card", "add", "demo", "Later", "--hold")
    done = sps("tick", "demo", "--json")
    assert (done.code, done.json["finished"]) == (0, True), done.err
    cards = sps("card", "list", "demo", "--json").json["cards"]
    assert [card["state"] for card in cards] == ["done", "done", "planning"]
    assert cards[0]["landed"]["commit"] in sps.git("rev-list", "--first-parent", "main")
    assert "demo#2" in sps.git("log", "-1", "--format=%(trailers:key=Card-Number)", "main")
    (one,) = sps("status", "--json").json["projects"]
    assert (one["counts"]["done"], one["running"], one["needs_human"]) == (2, 0, 0)
    verified = sps("verify", "--json")
    assert (verified.code, verified.json) == (0, {"ok": True, "violations": []})


def test_tick_says_what_keeps_a_card_in_the_backlog(sps: Cli) -> None:
    sps("card", "add", "demo", "Later", "--hold")
    sps("card", "add", "demo", "After it", writing("a.txt"), "--after", "1")
    done = sps("tick", "demo")
    assert done.code == 1
    assert "1 in the backlog of demo" in done.out
    assert "sps card list demo" in done.out


def test_card_that_needs_a_person_is_explained_and_retried(sps: Cli) -> None:
    sps("card", "add", "demo", "Nothing to do")
    done = sps("tick", "demo")
    assert done.code == 1
    assert "no-change" in done.out
    assert done.out.splitlines()[0] not in done.err.splitlines()  # how it stands is said once
    why = sps("why", "demo", "1", "--json").json
    assert (why["card"]["reason"], why["next"]) == ("no-change", "sps card edit demo 1 --help")
    assert why["timeline"][0]["says"].startswith("added to backlog")
    body = writing("now.txt")
    assert sps("card", "edit", "demo", "1", "--body", body).code == 0
    assert sps("card", "retry", "demo", "1").code == 0
    assert sps("run", "demo").code == 0


def test_person_rejects_then_approves(tmp_path: Path) -> None:
    sps = make(tmp_path, REVIEWED)
    sps("card", "add", "demo", "Reviewed", writing("a.txt"))
    assert sps("tick", "demo").code == 1
    assert sps("why", "demo", "1", "--json").json["next"] == "sps card show demo 1 --diff"
    assert "+++ b/a.txt" in sps("card", "show", "demo", "1", "--diff").out
    assert sps("card", "show", "demo", "1", "--diff", "--json").json["diff"]["files"] == ["a.txt"]
    assert sps("card", "reject", "demo", "1", "--comment", "shorter").code == 0
    assert sps("tick", "demo").code == 1
    shown = sps("card", "show", "demo", "1", "--json").json
    assert [verdict["verdict"] for verdict in shown["verdicts"]] == ["changes"]
    assert sps("card", "approve", "demo", "1").code == 0
    assert sps("tick", "demo").code == 0
    assert sps.git("log", "-1", "--format=%(trailers:key=Attempt,valueonly)", "main") == "2"
    assert sps("card", "approve", "demo", "1").code == 2


def test_daemon_works_until_it_is_told_to_stop(sps: Cli) -> None:
    up = sps("up", "--detach", "--json", "--port", "4391")
    assert up.code == 0, up.err
    try:
        assert sps("up", "--detach").code == 4
        sleeping = "```sleep\n300\n```\n"
        sps("card", "add", "demo", "Slow", sleeping)
        sps("card", "add", "demo", "Quick", writing("a.txt"))
        until(lambda: state(sps, 2) == "done", "the quick card is not done")
        until(lambda: len(sps("worker", "ps", "--json").json["runs"]) == 1, "no run is shown")
        assert sps("card", "cancel", "demo", "1").code == 0
        until(lambda: sps("worker", "ps", "--json").json["runs"] == [], "the run goes on")
        assert state(sps, 1) == "planning"
        assert sps("status", "--json").json["daemon"]["pid"] == up.json["pid"]
    finally:
        down = sps("down", "--json")
    assert down.json == {"pid": up.json["pid"]}
    assert sps("down").out == "no daemon works on this home\n"
    assert sps("verify").code == 0


def test_killed_run_is_tried_again_with_the_same_attempt(sps: Cli) -> None:
    sps("card", "add", "demo", "Slow", "```sleep\n300\n```\n")
    work = sps.start("tick", "demo")
    try:
        until(lambda: any(run["pid"] for run in runs(sps)), "no run is shown")
        (first,) = runs(sps)
        assert sps("worker", "kill", str(first["run"])).code == 0
        until(lambda: any(run["run"] != first["run"] for run in runs(sps)), "no new run")
        (second,) = runs(sps)
        assert (first["attempt"], second["attempt"]) == (1, 1)
    finally:
        work.send_signal(signal.SIGINT)
        work.communicate(timeout=60)
    assert work.returncode == 130


def test_logs_follow_until_interrupted(sps: Cli) -> None:
    follow = sps.start("logs", "demo", "--follow", "--json")
    assert follow.stdout is not None
    try:
        sps("card", "add", "demo", "One", "--hold")
        event = json.loads(follow.stdout.readline())
        assert (event["kind"], event["card"]) == ("card.added", 1)
    finally:
        follow.send_signal(signal.SIGINT)
        follow.communicate(timeout=30)
    assert follow.returncode == 130


def test_every_project_verb_answers(sps: Cli, tmp_path: Path) -> None:
    assert sps("doctor", "demo", "--json").code in (0, 1)
    assert sps("pipeline", "show", "demo").out.startswith("# ")
    assert sps("pipeline", "lint", "demo").code == 0
    assert sps("agent", "doctor", "scripted").code == 0
    assert sps("agent", "add", "mine", "--", "no-such-agent", "--acp").code == 0
    assert "mine" in sps("agent", "list").out
    assert sps("skill", "list", "--json").code == 0
    assert sps("project", "trust", "demo", "--yes").code == 3
    archive = tmp_path / "out.tar.gz"
    assert sps("project", "export", "demo", "-o", str(archive)).code == 0
    assert sps("project", "remove", "demo").code == 0
    assert sps("project", "import", str(archive), "--repo", str(sps.repo)).code == 0
    assert sps("project", "list", "--json").json["projects"][0]["name"] == "demo"


def runs(sps: Cli) -> list[dict[str, object]]:
    found: list[dict[str, object]] = sps("worker", "ps", "--json").json["runs"]
    return found


def state(sps: Cli, seq: int) -> str:
    shown: Said = sps("card", "show", "demo", str(seq), "--json")
    return str(shown.json["state"])
