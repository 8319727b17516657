"""`sps up` says that it works only when it does."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.acceptance.installed_cli import Cli, make

pytestmark = pytest.mark.needs("git")


@pytest.mark.parametrize("flags", [(), ("--detach",)])
def test_up_without_a_home_fails_and_makes_none(tmp_path: Path, flags: tuple[str, ...]) -> None:
    sps = Cli(tmp_path / "home", tmp_path / "repo")
    done = sps("up", *flags)
    assert (done.code, "no-home" in done.err) == (3, True)
    assert not sps.home.exists()


def test_detached_daemon_answers_when_the_command_returns(tmp_path: Path) -> None:
    sps = make(tmp_path)
    up = sps("up", "--detach", "--json", "--port", "4471")
    assert up.code == 0, up.err
    try:
        with urlopen(f"http://127.0.0.1:{up.json['port']}/health/live", timeout=10) as answer:
            assert answer.read() == b"live\n"
        assert "would be stopped" in sps("down", "--dry-run").out
        assert sps("status", "--json").json["daemon"]["pid"] == up.json["pid"]
    finally:
        assert sps("down").code == 0


def test_daemon_in_the_foreground_prints_one_document_once_it_works(tmp_path: Path) -> None:
    sps = make(tmp_path)
    work = sps.start("up", "--json", "--port", "4473")
    assert work.stdout is not None
    said = ""
    for line in work.stdout:  # it ends with the daemon, at the latest
        said += line
        if line == "}\n":
            break
    known = sps("status", "--json").json["daemon"]
    assert sps("down").code == 0
    assert (json.loads(said), *work.communicate(timeout=60)) == (known, "", "")


def test_daemon_that_cannot_begin_is_an_error_that_names_the_log(tmp_path: Path) -> None:
    sps = make(tmp_path)
    (sps.home / "logs").mkdir(exist_ok=True)
    (sps.home / "logs" / "daemon.log").mkdir()
    done = sps("up", "--detach")
    assert done.code == 1
    assert "daemon-silent" in done.err
    assert "daemon.log" in done.err


def test_interrupted_tick_says_in_one_line_that_work_was_kept(tmp_path: Path) -> None:
    sps = make(tmp_path)
    sps("card", "add", "demo", "Slow", "```sleep\n300\n```\n")
    work = sps.start("tick", "demo")
    end = time.monotonic() + 60
    while not sps("worker", "ps", "--json").json["runs"]:
        assert time.monotonic() < end, "no run is shown"
        time.sleep(0.1)
    work.send_signal(signal.SIGINT)
    _, err = work.communicate(timeout=60)
    assert work.returncode == 130
    assert err.rstrip().endswith("its cards go on with the next tick")
