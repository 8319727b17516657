"""What concerns security is written down, where it cannot be changed unnoticed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from sps.cli.audit import list_entries, verify
from sps.cli.auditing import AUDITED
from sps.cli.main import root
from sps.lib import log
from sps.model.access import GrantKind, Role
from sps.services import access
from sps.services.audit import verify_audit
from tests.integration.console_scene import console_scene
from tests.redteam.console_paths import routes


def entries(home: Path) -> list[dict[str, Any]]:
    return [
        json.loads(line) for file in sorted((home / "audit").glob("0*.jsonl"))
        for line in file.read_text().splitlines()
    ]  # fmt: skip


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SPS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_coming_in_changing_something_and_being_refused_are_told_with_all_that_matters(
    home: Path,
) -> None:
    with console_scene(home.parent) as scene:
        log.chain_to(home / "audit", "sps.audit", service="daemon", env="home")
        client = scene.client()
        secret = next(iter(client.cookies.values()))
        assert client.post_json("/api/v1/projects/demo/cards", {"title": "x"}).status == 201
        token = client.post_json("/api/v1/access", {"name": "ci", "role": "viewer"}).json
        assert client.post_json("/api/v1/health/check", {}).status == 200
        access.revoke(scene.world, token["grant"]["id"])
        stranger = scene.stranger()
        stranger.get("/api/v1/needs?canary=query")
        stranger.get("/", {"host": "evil.example"})
        stranger.post_form("/sign-in", {"code": "canary-of-a-word-to-come-in"})
        client.post_form("/sign-out")
        log.unchain("sps.audit")
        report = verify_audit(scene.world)
    found = entries(home)
    assert (report.ok, report.entries) == (True, len(found))
    told = {entry["msg"] for entry in found}
    assert told == {"access granted", "access revoked", "changed", "request refused",
                    "launch refused"}  # fmt: skip
    for entry in found:
        assert {"n", "ts", "msg", "service"} <= set(entry)
        if entry["msg"] in ("changed", "request refused", "launch refused"):
            assert entry["peer"] == "127.0.0.1"
            assert entry["request_id"]
    assert {e["code"] for e in found if e["msg"] == "request refused"} >= {
        "sign-in-needed", "wrong-host"
    }  # fmt: skip
    whole = json.dumps(found)
    for canary in (secret, token["token"], "canary"):
        assert canary not in whole


def test_every_change_through_the_console_is_told(home: Path) -> None:
    """Not route by route: the one place where all of them pass tells it."""
    assert len([route for route in routes() if route.verb != "GET"]) > 20
    with console_scene(home.parent) as scene:
        client = scene.program()
        log.chain_to(home / "audit", "sps.audit", service="daemon", env="home")
        for path, sent in (
            ("/api/v1/projects/demo/cards", {"title": "one"}),
            ("/api/v1/projects/demo/cards/1/comment", {"text": "two"}),
            ("/api/v1/projects/demo/cards/1/move", {"column": "planning"}),
        ):
            assert client.post_json(path, sent).status < 300
        client.post_json("/api/v1/projects/demo/cards/1/move", {"column": "nowhere"})
        log.unchain("sps.audit")
    assert [one["target"].rpartition("/")[2] for one in entries(home)] == [
        "cards",
        "comment",
        "move",
    ]


def test_commands_that_concern_security_are_told_with_their_outcome(home: Path) -> None:
    run = CliRunner().invoke
    assert run(root, ["setup"], obj={}).exit_code == 0
    assert (
        run(root, ["console", "password"], obj={}, input="correct horse battery\n").exit_code == 0
    )
    assert run(root, ["console", "password"], obj={}, input="weak\n").exit_code != 0
    assert run(root, ["project", "remove", "nothing"], obj={}).exit_code != 0
    assert run(root, ["project", "trust", "nothing", "--dry-run"], obj={}).exit_code != 0
    assert run(root, ["status"], obj={}).exit_code == 0
    told = [(e["act"], e["target"], e["outcome"]) for e in entries(home) if e["msg"] == "command"]
    assert told[:3] == [
        ("setup", "", "done"), ("console password", "", "done"),
        ("console password", "", "weak-password"),
    ]  # fmt: skip
    assert [one[0] for one in told[3:]] == ["project remove"]
    assert told[3][1] == "nothing"
    assert "horse" not in json.dumps(entries(home))


def test_a_waived_gate_and_changed_settings_are_told(home: Path) -> None:
    run = CliRunner().invoke
    assert run(root, ["setup"], obj={}).exit_code == 0
    assert run(root, ["config", "set", "agents.limit", "3"], obj={}).exit_code == 0
    assert run(root, ["config", "reset", "agents.limit"], obj={}).exit_code == 0
    waive = ["card", "waive", "nothing", "1", "tests", "--because", "canary"]
    assert run(root, waive, obj={}).exit_code != 0
    told = [(e["act"], e["target"]) for e in entries(home) if e["msg"] == "command"]
    assert told[1:] == [
        ("config set", "agents.limit 3"), ("config reset", "agents.limit"),
        ("card waive", "nothing 1 tests"),
    ]  # fmt: skip
    assert "canary" not in json.dumps(entries(home))


def test_a_backup_is_told(home: Path, tmp_path: Path) -> None:
    run = CliRunner().invoke
    assert run(root, ["setup"], obj={}).exit_code == 0
    kept = str(tmp_path / "kept.tar.gz")
    assert run(root, ["backup", kept], obj={}).exit_code == 0
    assert run(root, ["backup", kept], obj={}).exit_code != 0
    told = [(e["act"], e["target"], e["outcome"]) for e in entries(home) if e["msg"] == "command"]
    assert told[1:] == [("backup", kept, "done"), ("backup", kept, "file-exists")]


def test_the_list_of_told_commands_names_commands() -> None:
    import click

    for path in AUDITED:
        command: Any = root
        for word in path.split():
            command = command.get_command(click.Context(command), word)
            assert command is not None, path


def test_a_changed_trail_fails_the_check_and_a_kept_head_proves_more(home: Path) -> None:
    run = CliRunner().invoke
    for _ in range(3):
        assert run(root, ["setup"], obj={}).exit_code == 0
    sound = run(verify, ["--json"], obj={})
    assert sound.exit_code == 0
    head = json.loads(sound.output)["head"]
    assert "setup" in run(list_entries, [], obj={}).output
    assert run(root, ["setup"], obj={}).exit_code == 0
    assert run(verify, ["--since", head], obj={}).exit_code == 0
    (file,) = (home / "audit").glob("0*.jsonl")
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join([*lines[:1], *lines[2:]]))
    assert checked() == 1
    assert checked("--since", "1:" + "0" * 64) == 1
    file.unlink()
    (home / "audit" / "head.json").unlink()
    assert run(root, ["setup"], obj={}).exit_code == 0
    assert checked() == 0  # written anew from the first line on
    assert checked("--since", head) == 1  # which the kept head tells


def checked(*words: str) -> int:
    """Return what the check answers as a program."""
    answer = CliRunner().invoke(verify, list(words), obj={}, standalone_mode=False).return_value
    assert isinstance(answer, int)
    return answer


def test_grants_can_be_listed_and_taken_back_at_the_command_line_too(home: Path) -> None:
    from sps.bootstrap import open_world

    world = open_world(home, create=True)
    secret, made = access.grant(world, GrantKind.TOKEN, Role.VIEWER, "ci")
    run = CliRunner().invoke
    listed = json.loads(run(root, ["console", "access", "--json"], obj={"json": True}).output)
    assert [one["id"] for one in listed["grants"]] == [made.id]
    assert secret not in json.dumps(listed)
    assert run(root, ["console", "revoke", made.id], obj={}).exit_code == 0
    assert access.known(world, secret, GrantKind.TOKEN) is None
    access.grant(world, GrantKind.SESSION, Role.ADMIN, "browser")
    assert run(root, ["console", "revoke", "--all"], obj={}).exit_code == 0
    assert access.listed(world) == []


def test_a_browser_is_started_without_the_word(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import click

    from sps.cli import up as up_module
    from sps.services.status import Daemon

    started: list[str] = []
    monkeypatch.setattr(click, "launch", started.append)
    found = Daemon(1, "127.0.0.1", 4311, url="http://127.0.0.1:4311")
    monkeypatch.setattr(up_module, "ensure", lambda *_: found)
    assert CliRunner().invoke(root, ["setup"], obj={}).exit_code == 0
    (home / "logs").mkdir(exist_ok=True)
    shown = CliRunner().invoke(root, ["console"], obj={})
    assert shown.exit_code == 0, shown.output
    address = shown.output.strip()
    assert started == [(home / "console.html").as_uri()]
    assert address in (home / "console.html").read_text()
    assert (home / "console.html").stat().st_mode & 0o777 == 0o600
