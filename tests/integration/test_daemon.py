"""The daemon as a process: one per home, answers before it works, ends in good order."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sps.bootstrap import open_world
from sps.lib.lock import holder
from sps.model.project import Project
from tests.integration.scene import Scene, file

pytestmark = pytest.mark.needs("bwrap")

_PATIENCE_S = 30.0
_ANSWER_S = 6.0
_SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "log-schema.json").read_text())
_LOCK = """\
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
"""


class Daemon:
    """A daemon on a fresh home, started as a person would start it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.env = {**os.environ, "SPS_HOME": str(home)}
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "sps", "up"],
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def ask(self, path: str, name: str | None = None) -> tuple[int, str]:
        """Return the status of an answer, and the request id it gives back."""
        port = json.loads((self.home / "daemon.json").read_text())["port"]
        headers = {} if name is None else {"X-Request-ID": name}
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, answer.headers["X-Request-ID"]

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        port = json.loads((self.home / "daemon.json").read_text())["port"]
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=_ANSWER_S) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as err:
            return err.code, err.read().decode()

    def live(self) -> bool:
        """Whether ours answers: the port of a dead one may be somebody else's by now."""
        try:
            told = json.loads((self.home / "daemon.json").read_text())
            return told["pid"] == self.process.pid and self.get("/health/live")[0] == 200
        except (OSError, ValueError):
            return False

    def end(self, number: int = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(_PATIENCE_S)
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()
        return code


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    home = tmp_path / "home"
    open_world(home, create=True).store.close()
    it = Daemon(home)
    try:
        until(it.live)
        yield it
    finally:
        it.end()


def test_a_daemon_answers_live_and_ready(daemon: Daemon) -> None:
    assert daemon.get("/health/live")[0] == 200
    status, body = daemon.get("/health/ready")
    assert (status, json.loads(body)) == (200, {"ready": True, "code": None})


def test_a_request_for_another_host_is_refused_before_any_route(daemon: Daemon) -> None:
    for host in ("evil.example:4311", "127.0.0.1:9", "127.0.0.1", ""):
        assert daemon.get("/health/live", Host=host)[0] == 421


def test_metrics_want_the_token_of_the_home(daemon: Daemon) -> None:
    assert daemon.get("/metrics")[0] == 401
    assert daemon.get("/metrics", Authorization="Bearer wrong")[0] == 401
    token = (daemon.home / "metrics.token").read_text()
    status, text = daemon.get("/metrics", Authorization=f"Bearer {token}")
    assert status == 200
    assert "sps_open_files" in text
    assert oct((daemon.home / "metrics.token").stat().st_mode & 0o777) == "0o600"


def test_a_second_daemon_on_the_home_is_refused_and_named(daemon: Daemon) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "sps", "up"],
        env=daemon.env,
        capture_output=True,
        text=True,
        timeout=_PATIENCE_S,
        check=False,
    )
    assert second.returncode == 4
    assert str(daemon.process.pid) in second.stderr


def test_sigterm_ends_a_daemon_with_zero_and_leaves_no_lock_or_socket(tmp_path: Path) -> None:
    home = tmp_path / "home"
    open_world(home, create=True).store.close()
    daemon = Daemon(home)
    until(daemon.live)
    assert daemon.end() == 0
    assert holder(home / "daemon.lock") is None
    assert not (home / "daemon.json").exists()
    assert not (home / "daemon.sock").exists()


def test_a_daemon_that_was_killed_leaves_a_home_that_starts_again(tmp_path: Path) -> None:
    home = tmp_path / "home"
    open_world(home, create=True).store.close()
    first = Daemon(home)
    until(first.live)
    assert first.end(signal.SIGKILL) == -signal.SIGKILL
    second = Daemon(home)
    try:
        until(second.live)
        assert json.loads((home / "daemon.json").read_text())["pid"] == second.process.pid
    finally:
        assert second.end() == 0


def test_log_of_a_daemon_that_worked_fits_the_schema_and_names_the_card(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.add(file("a.txt", "a\n"))
    daemon = Daemon(scene.world.home.root)
    path = daemon.home / "logs" / "daemon.log"
    try:
        until(lambda: path.exists() and '"landed"' in path.read_text())
    finally:
        assert daemon.end() == 0
        card = scene.card(1)
        scene.close()
    log: list[dict[str, str]] = [json.loads(line) for line in path.read_text().splitlines()]
    for line in log:
        _assert_fits(line)
    assert [line["msg"] for line in (log[0], log[-1])] == ["daemon up", "daemon down"]
    assert len({line["request_id"] for line in log}) == 1
    moved = [line for line in log if line["msg"] == "card moved"]
    assert [(line["verb"], line["step"]) for line in moved] == [
        ("worked", "0-start"), ("approved", "1-gating"), ("landed", "2-landing"),
    ]  # fmt: skip
    assert {line["card_id"] for line in moved} == {card.id}
    assert {line["workflow"] for line in moved} == {card.workflow_id}


def _assert_fits(line: dict[str, str]) -> None:
    """Check a line against what the schema says; it uses no more of JSON Schema than this."""
    assert set(_SCHEMA["required"]) <= line.keys()
    assert any(set(one["required"]) <= line.keys() for one in _SCHEMA["anyOf"])
    for name, value in line.items():
        rule = _SCHEMA["properties"].get(name, _SCHEMA["additionalProperties"])
        assert isinstance(value, str), name
        assert re.search(rule.get("pattern", ""), value), name
        assert value in rule.get("enum", (value,)), name


def test_request_id_of_a_caller_comes_back_and_another_one_is_replaced(daemon: Daemon) -> None:
    assert daemon.ask("/health/live", "my-request_01") == (200, "my-request_01")
    for unfit in ("short", "x" * 65, "with space and more", 'quote"quote'):
        assert len(daemon.ask("/health/live", unfit)[1]) == 26
    assert len(daemon.ask("/health/ready")[1]) == 26


def test_live_answers_while_another_process_holds_the_database(daemon: Daemon) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _LOCK, str(daemon.home / "sps.db")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as locker:
        assert locker.stdout is not None
        assert locker.stdout.readline() == b"locked\n"
        for _ in range(5):
            assert daemon.get("/health/live")[0] == 200
        status, body = daemon.get("/health/ready")
        assert (status, json.loads(body)["code"]) in ((200, None), (503, "database-locked"))
        assert daemon.get("/health/live")[0] == 200
        locker.communicate(timeout=_PATIENCE_S)
    assert daemon.process.poll() is None


def ready_code(daemon: Daemon) -> str | None:
    code: str | None = json.loads(daemon.get("/health/ready")[1])["code"]
    return code


def test_not_ready_says_the_cause_and_is_ready_again_when_it_is_gone(daemon: Daemon) -> None:
    world = open_world(daemon.home)
    gone = Project(
        name="p", id="P", repo=str(daemon.home), branch="main", agent="scripted", created_at=1
    )
    world.store.write(lambda tx: tx.add_project(gone))
    world.store.close()
    until(lambda: ready_code(daemon) == "vault-unreadable")
    assert daemon.get("/health/ready")[0] == 503
    vault = world.home.vault("p")
    vault.mkdir(parents=True, exist_ok=True)
    (vault / "HEAD").touch()
    until(lambda: ready_code(daemon) is None)


def test_process_whose_lock_another_one_took_is_not_ready(daemon: Daemon) -> None:
    (daemon.home / "daemon.lock").unlink()
    until(lambda: ready_code(daemon) == "home-lock-lost")
    assert daemon.get("/health/live")[0] == 200


def test_requests_are_measured_by_route_and_class_of_status(daemon: Daemon) -> None:
    for path in ("/health/live", "/nowhere/1", "/nowhere/2"):
        daemon.get(path)
    token = (daemon.home / "metrics.token").read_text()
    page = daemon.get("/metrics", Authorization=f"Bearer {token}")[1]
    assert 'sps_http_request_seconds_count{route="/health/live",status="2xx"}' in page
    assert 'sps_http_request_seconds_count{route="other",status="4xx"} 2' in page
    assert "nowhere" not in page
