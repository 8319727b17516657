"""The grammar of the command line: flags anywhere, suggestions, exit codes, one form of error."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import click
import pytest

from sps.cli.main import main, root
from sps.model.errors import WorkFailed
from tests.fakes.small_world import small_world

Sps = Callable[..., tuple[int, str, str]]


@pytest.fixture
def sps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Sps:
    small_world(tmp_path / "home").store.close()
    monkeypatch.setenv("SPS_HOME", str(tmp_path / "home"))

    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["sps", *words])
        code = main()
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def commands(group: click.Group, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Return every command by its words."""
    found: list[tuple[str, ...]] = []
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        found += commands(command, (*path, name)) if isinstance(command, click.Group) else [
            (*path, name)
        ]  # fmt: skip
    return found


ALL = commands(root)


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_command_has_help_and_knows_json(sps: Sps, words: tuple[str, ...]) -> None:
    code, out, _ = sps(*words, "-h")
    assert code == 0
    assert out.startswith(f"Usage: sps {' '.join(words)}")
    command: click.Command = root
    for word in words:
        assert isinstance(command, click.Group)
        found = command.get_command(click.Context(command), word)
        assert found is not None
        command = found
    assert command.help
    assert any("--json" in parameter.opts for parameter in command.params)


def test_without_a_command_there_is_help(sps: Sps) -> None:
    assert sps()[0] == 0
    assert "Commands" in sps("card")[1]
    assert sps("card", "--json")[0] == 2


@pytest.mark.parametrize(
    "words,code,near",
    [
        (("crad",), "unknown-command", "card"),
        (("card", "lst", "demo"), "unknown-command", "list"),
        (("card", "add", "demo", "x", "--labl", "y"), "unknown-flag", "--label"),
        (("card", "list", "demo", "--state", "redy"), "unknown-state", "ready"),
        (("card", "list", "dmeo"), "unknown-project", "demo"),
        (("card", "move", "demo", "1", "blacklog"), "unknown-place", "backlog"),
        (("logs", "--level", "warn"), "unknown-level", "warning"),
    ],
)
def test_unknown_word_is_exit_2_with_the_nearest(
    sps: Sps, words: tuple[str, ...], code: str, near: str
) -> None:
    got, out, err = sps(*words)
    assert (got, out) == (2, "")
    assert err.startswith(f"error[{code}]: ")
    assert f'did you mean "{near}"' in err


def test_another_word_is_no_slip_of_a_name(sps: Sps) -> None:
    got, _, err = sps("project", "rename", "a", "b")
    assert got == 2
    assert "did you mean" not in err
    assert "next: sps project --help" in err
    assert "\n  next: sps " in err


@pytest.mark.parametrize(
    "words,then",
    [
        (("project", "set", "demo", "colour=red"), "sps project set --help"),
        (("card", "add", "demo", ""), "sps card add --help"),
        (("card", "add", "demo", "x", "--file", "/no/such/file"), "sps card add --help"),
        (("project", "import", "/no/such/file", "--repo", "."), "sps project import --help"),
        (("console", "--kill"), "sps console"),
    ],
)
def test_every_error_names_one_command_to_run_next(
    sps: Sps, words: tuple[str, ...], then: str
) -> None:
    assert sps(*words)[2].endswith(f"\n  next: {then}\n")
    assert json.loads(sps(*words, "--json")[1])["error"]["next"] == then


def test_work_that_failed_without_advice_leads_to_the_doctor(
    sps: Sps, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> None:
        raise WorkFailed("git-failed", "git fetch: no")

    monkeypatch.setattr(click.Group, "invoke", lambda *_: fails())
    assert sps("status")[2] == "error[git-failed]: git fetch: no\n  next: sps doctor\n"


@pytest.mark.parametrize(
    "words",
    [("--json", "card", "show", "demo", "9"), ("card", "--json", "show", "demo", "9"),
     ("card", "show", "--json", "demo", "9"), ("card", "show", "demo", "9", "--json"),
     ("--json", "nope"), ("card", "add", "--json")],
)  # fmt: skip
def test_error_is_one_document_wherever_json_stands(sps: Sps, words: tuple[str, ...]) -> None:
    code, out, err = sps(*words)
    assert (code, err) == (2, "")
    error = json.loads(out)["error"]
    assert list(error) == ["code", "message", "where", "next"]


def test_flags_stand_anywhere_and_a_title_may_look_like_one(sps: Sps) -> None:
    assert sps("card", "add", "--label", "a", "demo", "--hold", "One", "--priority", "-5")[0] == 0
    assert sps("card", "add", "demo", "--", "--json")[:2] == (0, "2\n")
    found = json.loads(sps("card", "list", "--json", "demo")[1])
    assert [(c["title"], c["state"], c["priority"]) for c in found["cards"]] == [
        ("One", "planning", -5),
        ("--json", "backlog", 0),
    ]
    assert list(found) == ["cards", "errors"]


def test_card_document_has_the_promised_fields_in_order(sps: Sps) -> None:
    card = json.loads(sps("card", "add", "demo", "One", "--json")[1])
    assert list(card) == [
        "project", "seq", "id", "title", "state", "stage", "attempt", "skills", "labels", "after",
        "priority", "reason", "landed", "created_at", "updated_at",
    ]  # fmt: skip
    assert (card["stage"], card["reason"], card["landed"]) == (None, None, None)
    assert card["created_at"] == "2023-11-14T22:13:20.000Z" or card["created_at"].endswith("Z")


def test_dry_run_checks_and_changes_nothing(sps: Sps) -> None:
    code, out, err = sps("card", "add", "demo", "One", "--dry-run")
    assert (code, out) == (0, "would be added to backlog, as card 1 if nobody adds one first\n")
    assert json.loads(sps("card", "add", "demo", "One", "--dry-run", "--json")[1])["seq"] == 1
    assert "nothing was changed" in err
    assert json.loads(sps("card", "list", "demo", "--json")[1])["cards"] == []
    assert sps("card", "add", "demo", "One", "--skill", "nope", "--dry-run")[0] == 2


def test_an_agent_that_is_not_here_is_exit_3_for_every_doctor(sps: Sps, tmp_path: Path) -> None:
    pipeline = tmp_path / "home" / "projects" / "demo" / "pipeline.yaml"
    pipeline.write_text(pipeline.read_text().replace("agent: scripted\n", ""))
    assert sps("agent", "add", "keeper", "--", "no-such-program")[0] == 0
    assert sps("project", "set", "demo", "agent=keeper")[1] == "demo: agent keeper\n"
    code, out, _ = sps("agent", "doctor", "keeper")
    assert code == 3
    assert "\n  next: ${EDITOR:-vi} " in out
    code, out, _ = sps("doctor", "demo", "--json")
    assert code == 3
    bad = {one["name"]: one["exit_code"] for one in json.loads(out)["checks"] if not one["ok"]}
    assert bad["agent keeper"] == 3
    assert bad["demo: repository"] == 1


def test_newer_data_is_exit_5_for_the_doctor_too(sps: Sps, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "home" / "sps.db")) as database:
        database.execute("PRAGMA user_version = 999")
    assert sps("status")[0] == 5
    assert sps("doctor")[0] == 5


def test_a_change_of_a_project_is_told_in_one_line(sps: Sps) -> None:
    said = sps("project", "set", "demo", "sandbox=none", "pause=true")[1]
    assert said == "demo: sandbox none, halted (paused)\n"
    assert sps("project", "set", "demo", "resume=true")[1] == "demo: works\n"
    assert json.loads(sps("project", "set", "demo", "pause=true", "--json")[1])["repo"]


LOOKS = {
    "agent": "list doctor", "audit": "verify list", "card": "list board show log",
    "config": "list", "console": "access", "pipeline": "list show lint", "project": "list show",
    "skill": "list show search ci verify lint scan check eval ledger trash doctor", "worker": "ps",
}  # fmt: skip
ALONE = {"demo", "status", "why", "logs", "verify", "slo", "bench", "help", "completion"}


@pytest.mark.parametrize("words", [*ALL, ("console",)], ids=" ".join)
def test_every_command_that_changes_something_can_be_rehearsed(
    sps: Sps, words: tuple[str, ...]
) -> None:
    looks = words[0] in ALONE or (len(words) > 1 and words[1] in LOOKS.get(words[0], "").split())
    assert looks or "--dry-run" in sps(*words, "-h")[1]


@pytest.mark.parametrize(
    "words",
    [("up",), ("up", "--detach"), ("console", "--no-open"), ("backup", "{}"),
     ("project", "export", "demo", "-o", "{}"), ("doctor", "--fix")],
)  # fmt: skip
def test_a_rehearsal_leaves_no_file_no_daemon_and_no_mode(
    sps: Sps, tmp_path: Path, words: tuple[str, ...]
) -> None:
    file, home = tmp_path / "file", tmp_path / "home"
    home.chmod(0o755)
    code, _, err = sps(*(word.format(file) for word in words), "--dry-run", "--json")
    assert "nothing was changed" in err
    assert (code == 0) == (words[0] != "doctor")
    assert not file.exists()
    assert not (home / "daemon.json").exists()
    assert home.stat().st_mode & 0o777 == 0o755
    file.touch()
    if "{}" in words:
        assert sps(*(word.format(file) for word in words), "--dry-run")[0] == 2


def test_terminal_escapes_in_data_do_nothing(sps: Sps, tmp_path: Path) -> None:
    body = tmp_path / "body"
    body.write_text("\x1b]0;owned\x07\x1b[2Jred")
    assert sps("card", "add", "demo", "One", "-F", str(body))[0] == 0
    out = sps("card", "show", "demo", "1")[1]
    assert "red" in out
    assert "\x1b" not in out
    assert "\x1b" not in sps("card", "show", "demo", "\x1b[31mx")[2]


@pytest.mark.parametrize(
    "content,code", [(b"\xff", "invalid-utf-8"), (b"x" * 300_000, "too-large")]
)
def test_body_that_no_card_can_hold_is_refused(
    sps: Sps, tmp_path: Path, content: bytes, code: str
) -> None:
    (tmp_path / "body").write_bytes(content)
    got, _, err = sps("card", "add", "demo", "One", "--file", str(tmp_path / "body"))
    assert got == 2
    assert err.startswith(f"error[{code}]")


def test_missing_home_is_exit_3_with_the_command(
    sps: Sps, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPS_HOME", str(tmp_path / "none"))
    code, _, err = sps("status")
    assert code == 3
    assert "next: sps setup" in err
    assert not (tmp_path / "none").exists()
    assert sps("setup", "--dry-run")[0] == 0
    assert not (tmp_path / "none").exists()


def test_nobody_is_asked_where_nobody_is(sps: Sps) -> None:
    from sps.cli.frame import Frame
    from sps.model.errors import Misuse

    with pytest.raises(Misuse, match="--yes"):
        Frame(as_json=True).agreed("Go on?", yes=False)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_a_script_for_the_shell(sps: Sps, shell: str) -> None:
    code, out, _ = sps("completion", shell)
    assert code == 0
    assert "_SPS_COMPLETE" in out
