"""Logging in and out at the command line: what is asked, what is said, and what is never shown."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from sps.cli.main import main
from tests.fakes.small_world import small_world

Sps = Callable[..., tuple[int, str, str]]
_AGENTS = """\
agents:
  keeper:
    command: [python3]
    keys: [KEEPER_KEY, KEEPER_TOKEN]
    login_files: [.keeper/auth.json]
    login: [keeper-login]
    install: get keeper
"""
_SECRET = "a-secret-of-the-owner"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    small_world(tmp_path / "home").store.close()
    (tmp_path / "home" / "agents.yaml").write_text(_AGENTS)
    monkeypatch.setenv("SPS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HOME", str(tmp_path / "owner"))
    for name in ("KEEPER_KEY", "KEEPER_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "home"


@pytest.fixture
def sps(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Sps:
    def call(*words: str, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["sps", *words])
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        code = main()
        said = capsys.readouterr()
        assert _SECRET not in said.out + said.err
        return code, said.out, said.err

    return call


def _own(home: Path) -> Path:
    own = home.parent / "owner" / ".keeper" / "auth.json"
    own.parent.mkdir(parents=True)
    own.write_text(json.dumps({"token": _SECRET}))
    return own


def test_key_comes_from_stdin_and_goes_by_logout(sps: Sps, home: Path) -> None:
    code, out, _ = sps("agent", "login", "keeper", "--key", "KEEPER_TOKEN", stdin=f"{_SECRET}\n")
    assert (code, out) == (0, "keeper: logged in by the kept key KEEPER_TOKEN\n")
    code, out, _ = sps("agent", "login", "keeper", "--key", stdin=_SECRET)
    assert (code, out) == (0, "keeper: logged in by the kept key KEEPER_TOKEN, KEEPER_KEY\n")
    code, out, _ = sps("agent", "logout", "keeper")
    assert (code, out) == (0, "keeper: removed KEEPER_TOKEN, KEEPER_KEY\n")
    assert sps("agent", "logout", "keeper")[1] == "keeper: nothing was kept\n"
    files = [path for path in home.rglob("*") if path.is_file()]
    assert [path for path in files if _SECRET.encode() in path.read_bytes()] == []


def test_own_login_is_imported_when_asked_for(sps: Sps, home: Path) -> None:
    own = _own(home)
    code, _, err = sps("agent", "login", "keeper")
    assert code == 2
    assert "sps agent login keeper --import" in err
    assert sps("agent", "login", "keeper", "--import", "--dry-run")[0] == 0
    assert not (home / "agents" / "keeper" / ".keeper").exists()
    code, out, _ = sps("agent", "login", "keeper", "--import")
    assert (code, out) == (0, "keeper: logged in by .keeper/auth.json\n")
    assert (home / "agents" / "keeper" / ".keeper" / "auth.json").read_text() == own.read_text()


@pytest.mark.parametrize(
    "words, stdin, code, says",
    [
        (("keeper",), "", 2, "sps agent login keeper --key < key.txt"),
        (("keeper", "--import"), "", 1, "there is no login of keeper"),
        (("keeper", "--key", "OTHER"), "x", 2, "a variable of keeper (KEEPER_KEY, KEEPER_TOKEN)"),
        (("keeper", "--key", _SECRET), "x", 2, "the key itself comes on standard input"),
        (("keeper", "--key", _SECRET), "", 2, "sps agent login keeper --key KEEPER_KEY < key.txt"),
        (("keeper", "--key"), "", 2, "nothing came on standard input"),
        (("keeper", "--key"), "two words", 2, "a key is one word"),
        (("keeper", "--key", "KEEPER_KEY", "--import"), "x", 2, "give one"),
        (("scripted", "--import"), "", 2, "scripted needs no login"),
        (("kepper", "--import"), "", 2, 'did you mean "keeper"?'),
    ],
)
def test_what_cannot_be_done_is_said_with_what_to_type(
    sps: Sps, words: tuple[str, ...], stdin: str, code: int, says: str
) -> None:
    ended, _, err = sps("agent", "login", *words, stdin=stdin)
    assert ended == code
    assert says in err


@pytest.mark.parametrize("wanted", [_SECRET, f"keeper={_SECRET}"])
def test_key_in_the_place_of_a_name_is_not_repeated_by_setup(sps: Sps, wanted: str) -> None:
    code, _, err = sps("setup", "--key", wanted, stdin="x")
    assert code == 2
    assert "the key itself comes on standard input" in err


def test_setup_leads_to_the_login_and_its_table_to_what_installs(
    sps: Sps, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = home.parent / "programs"
    programs.mkdir()
    (programs / "codex-acp").write_bytes(b"\x7fELF")
    (programs / "codex-acp").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    out = sps("setup", "--agent", "keeper")[1]
    assert out.endswith("next: sps agent login keeper\nthen: sps status\n")
    [codex] = [line for line in out.splitlines() if line.startswith("codex ")]
    assert codex.endswith("npm install -g @agentclientprotocol/codex-acp@2.6.0")
    assert "sps project set PROJECT --agent zed-codex" in sps("agent", "doctor", "codex")[1]
    assert "not here: codex-acp is that of zed-codex" in codex
    [codex] = [line for line in sps("agent", "list")[1].splitlines() if line.startswith("codex ")]
    assert "not here: codex-acp is that of zed-codex" in codex
    says = "The agent codex does not work here yet: the codex-acp here is that of zed-codex"
    code, _, err = sps("agent", "login", "codex", "--key", stdin=_SECRET)
    assert code == 0
    assert err.startswith(f"warning: {says}")
    assert err.endswith("(sps project set PROJECT --agent zed-codex).\n")
    sps("agent", "login", "keeper", "--key", stdin=_SECRET)
    assert sps("setup")[1].endswith("next: sps status\n")
    monkeypatch.setenv("SPS_HOME", str(home.parent / "without-projects"))
    code, out, _ = sps("agent", "doctor", "codex")
    assert (code, out.splitlines()[1]) == (3, "  next: sps agent login zed-codex")


def test_key_file_is_said_to_be_one_that_its_owner_makes(sps: Sps) -> None:
    code, out, _ = sps("agent", "login", "--help")
    assert code == 0
    assert "a file that you make, the key alone in it: --key < key.txt" in " ".join(out.split())
    assert "`key.txt` is a file that you make" in sps("help", "login-refused")[1]


def test_standing_of_an_agent_is_said_without_doubt(sps: Sps, home: Path) -> None:
    [line] = [one for one in sps("agent", "list")[1].splitlines() if one.startswith("keeper ")]
    assert "not logged in" in line
    said = sps("agent", "doctor", "keeper")[1].splitlines()
    assert said == [
        "keeper: ready",
        "  not logged in",
        "  next: sps agent login keeper",
        f"  its entry: {home / 'agents.yaml'}",
    ]


def test_agent_that_a_project_is_given_is_said_not_to_be_logged_in(sps: Sps) -> None:
    code, _, err = sps("project", "set", "demo", "--agent", "keeper")
    assert (code, err) == (
        0,
        "warning: The agent keeper is not logged in yet (sps agent login keeper).\n",
    )
    sps("agent", "login", "keeper", "--key", stdin=_SECRET)
    assert sps("project", "set", "demo", "--agent", "keeper")[2] == ""


def test_list_and_doctor_say_who_is_logged_in(sps: Sps) -> None:
    assert "sps agent login keeper" in sps("agent", "doctor", "keeper")[1]
    sps("agent", "login", "keeper", "--key", stdin=_SECRET)
    [one] = json.loads(sps("agent", "doctor", "keeper", "--json")[1])["agents"]
    assert (one["ok"], one["logged_in"]) == (True, True)
    assert one["login"] == "logged in by the kept key KEEPER_KEY"


def test_variable_of_the_owner_counts_and_outlives_logout(
    sps: Sps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEEPER_TOKEN", _SECRET)
    _, out, _ = sps("agent", "logout", "keeper")
    assert out.endswith("still logged in by the variable KEEPER_TOKEN\n")


def test_key_that_a_variable_outranks_is_kept_with_a_warning(
    sps: Sps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEEPER_TOKEN", _SECRET)
    code, out, err = sps("agent", "login", "keeper", "--key", stdin="a-better-one")
    assert (code, out) == (0, "keeper: logged in by the variable KEEPER_TOKEN\n")
    assert err.startswith("warning: it is kept, and not used: KEEPER_TOKEN counts first")
    monkeypatch.delenv("KEEPER_TOKEN")
    assert sps("agent", "login", "keeper", "--key", stdin="a-better-one")[2] == ""
