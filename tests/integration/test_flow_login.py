"""An agent's login goes with its sessions, outlives them, and is written down nowhere else."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from sps.adapters.logins_home import logins
from sps.adapters.logins_home.folder import LoginFolder
from sps.flow import card as card_way
from sps.flow.setback import SETBACKS
from sps.lib.lock import FileLock
from sps.model.event import EventKind
from sps.ports.agent import AgentKind
from sps.services.move_card import retry_card
from sps.services.waiting import waiting
from sps.services.why import why
from tests.integration.scene import Make, Scene, scenes

pytestmark = pytest.mark.needs("bwrap", "git")

_AGENT = Path(__file__).with_name("renewing_agent.py")
_FILE = ".renewing/auth.json"
_PIPELINE = """\
version: 1
agent: renewing
workers: 2
stages: [{name: develop, attempts: 1, timeout: 60s, idle_timeout: 40s}]
"""


class _Issuer(ThreadingHTTPServer):
    """Exchanges the newest token for the next one, once; what is asked with another is noted."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Exchange)
        self.tokens = [_token()]
        self.refused: list[str] = []
        self.command_lines: list[bytes] = []
        self.lock = threading.Lock()


class _Exchange(BaseHTTPRequestHandler):
    server: _Issuer

    def do_POST(self) -> None:
        token = self.rfile.read(int(self.headers["content-length"])).decode()
        issuer = self.server
        with issuer.lock:
            if token != issuer.tokens[-1]:
                issuer.refused.append(token)
                self.send_error(403)
                return
            issuer.tokens.append(_token())
            issuer.command_lines += _command_lines()
            answer = issuer.tokens[-1].encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *words: object) -> None:
        """Nothing on stderr."""


def _token() -> str:
    return f"canary-{secrets.token_hex(16)}"


def _command_lines() -> list[bytes]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(path.read_bytes())
        except OSError:
            continue
    return found


@contextmanager
def _issuing() -> Iterator[_Issuer]:
    with _Issuer() as issuer:
        thread = threading.Thread(target=lambda: issuer.serve_forever(0.05), daemon=True)
        thread.start()
        yield issuer
        issuer.shutdown()
        thread.join(10)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    with scenes(tmp_path, _PIPELINE) as build:
        yield build


def _kind(issuer: _Issuer) -> AgentKind:
    return AgentKind(
        name="renewing",
        command=("{python}", "-I", "-S", str(_AGENT), str(issuer.server_port)),
        readonly=(str(_AGENT),),
        hosts=(f"127.0.0.1:{issuer.server_port}",),
        login_files=(_FILE,),
        login_shared=False,
    )


def test_two_sessions_renew_one_login_and_it_is_nowhere_else(make: Make) -> None:
    scene = make()
    with _issuing() as issuer:
        kind = _kind(issuer)
        scene.world.registry.add(kind)
        kept = scene.world.logins.folder(kind) / _FILE
        kept.parent.mkdir()
        kept.write_text(json.dumps({"token": issuer.tokens[0]}))
        for name in ("one", "two"):
            scene.add(f"card-{name}")
        scene.tick()

    assert [scene.standing(seq) for seq in (1, 2)] == [("done", None)] * 2
    assert (issuer.refused, len(issuer.tokens)) == ([], 3)
    assert json.loads(kept.read_text()) == {"token": issuer.tokens[-1]}

    kept.unlink()
    places = [*_files(scene.folder), *_objects(scene.world.home.vault("p"))]
    assert len(places) > 50
    assert [place for place, text in places if b"canary" in text] == []
    assert b"canary" not in b"".join(issuer.command_lines)
    said = [event.payload["text"] for event in scene.events(1) if event.kind is EventKind.RUN_SAID]
    assert said == ["I used [login]"] * 2
    log = next(scene.world.home.project("p").glob("runs/*/stderr.log")).read_text()
    assert log == "debug: Authorization: Bearer [login]\n" * 2


def _kept(scene: Scene, issuer: _Issuer) -> None:
    kind = _kind(issuer)
    scene.world.registry.add(kind)
    kept = scene.world.logins.folder(kind) / _FILE
    kept.parent.mkdir()
    kept.write_text(json.dumps({"token": issuer.tokens[0]}))


def test_login_in_a_file_that_is_left_behind_is_taken_out_of_it(make: Make) -> None:
    scene = make()
    with _issuing() as issuer:
        _kept(scene, issuer)
        scene.add("card-one leak-in-file")
        scene.tick()
    assert scene.standing(1) == ("done", None)
    assert scene.repo.at("notes.txt") == "my token was [login], and now it is [login]"
    [(_, objects)] = _objects(scene.world.home.vault("p"))
    assert b"canary" not in objects


def test_login_that_was_committed_never_lands(make: Make) -> None:
    scene = make()
    with _issuing() as issuer:
        _kept(scene, issuer)
        scene.add("card-one leak-in-commit")
        scene.tick()
    assert scene.standing(1) == ("needs_human", "secret")
    assert scene.repo.landed() == ["start"]
    assert "canary" not in str([event.payload for event in scene.events(1)])


def test_without_a_login_the_card_says_what_to_type(make: Make) -> None:
    scene = make()
    with _issuing() as issuer:
        scene.world.registry.add(_kind(issuer))
        scene.add("card-one")
        scene.tick()
    assert scene.standing(1) == ("needs_human", "login-required")
    assert scene.card(1).detail == "renewing is not logged in"
    found = why(scene.world, "p", 1)
    assert (found.next, found.then) == ("sps agent login renewing", "sps card retry p 1")
    [waits] = waiting(scene.world, ("p",))
    assert (waits.next, waits.then) == (found.next, found.then)
    assert scene.runs(1)[0].pid == 0  # nothing was started for it
    assert retry_card(scene.world, "p", 1).attempt == 1  # and no attempt is used


def test_login_that_is_in_use_is_waited_for_and_held_against_nobody(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logins, "_WAIT", 0.0)
    monkeypatch.setattr(logins, "_LOOK", 0.05)
    monkeypatch.setattr(card_way, "_AWAY_MS", 200)
    scene = make()
    with _issuing() as issuer:
        _kept(scene, issuer)
        other = FileLock(LoginFolder(scene.world.home.logins, _kind(issuer)).turn)
        assert other.take("another session")
        scene.add("card-one")

        def waited() -> bool:
            return 1 in scene.states() and scene.reasons(1).count("login-busy") > SETBACKS

        scene.tick(when=waited, do=other.release)
    assert scene.standing(1) == ("done", None)
    assert set(scene.reasons(1)) == {"login-busy"}
    assert {run.attempt for run in scene.runs(1)} == {1}
    assert all(run.pid == 0 for run in scene.runs(1)[:-1])
    found = scene.world.store.read(lambda tx: tx.breaker("renewing"))
    assert (found.state, found.recent) == ("closed", (True,))
    events = scene.events(1, EventKind.AGENT_OUT_OF_QUOTA, EventKind.AGENT_HANDED_OVER)
    assert events == []


def test_program_of_another_agent_is_not_started_in_the_place_of_its_namesake(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "codex-acp").write_bytes(b"\x7fELF")
    (programs / "codex-acp").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    scene = make(_PIPELINE.replace("agent: renewing\n", "agent: codex\n"))
    scene.add("card-one")
    scene.tick()
    assert scene.standing(1) == ("needs_human", "agent-missing")
    assert scene.runs(1) == []
    found = why(scene.world, "p", 1)
    assert found.detail == "the codex-acp here is that of zed-codex, not the one of codex"
    assert found.next == "sps project set p --agent zed-codex"
    assert found.then == "sps card retry p 1"


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            yield str(path), path.read_bytes()


def _objects(vault: Path) -> Iterator[tuple[str, bytes]]:
    """Return every object of a vault as it reads, whoever refers to it."""
    words = ["git", "--git-dir", str(vault), "cat-file", "--batch-all-objects", "--batch"]
    yield "objects", subprocess.run(words, capture_output=True, check=True).stdout
