"""The registry: built-in entries, the owner's file, and the doctor."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from sps.adapters.agent_registry import AgentRegistry
from sps.adapters.agent_registry.builtin import KINDS
from sps.adapters.agent_registry.conflicts import unlisted
from sps.adapters.agent_registry.entry import mistakes
from sps.model.errors import Misuse
from sps.ports.agent import AgentKind


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "agents.yaml"


def written(path: Path, text: str) -> AgentRegistry:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return AgentRegistry(path)


def refusal(registry: AgentRegistry) -> tuple[str, str]:
    with pytest.raises(Misuse) as caught:
        registry.kinds()
    assert caught.value.code == "bad-agents-file"
    assert caught.value.hint.endswith("agents.yaml")  # every one leads to the file
    return caught.value.message, caught.value.where.rpartition("agents.yaml")[2]


def test_built_in_entries_are_there_and_valid(path: Path) -> None:
    names = [kind.name for kind in AgentRegistry(path).kinds()]
    assert names == [
        "scripted", "claude", "codex", "zed-codex", "opencode", "gemini", "qwen", "copilot", "vibe",
    ]  # fmt: skip
    assert [list(mistakes(kind)) for kind in KINDS] == [[]] * len(KINDS)
    assert not path.exists()


def test_traps_of_known_agents_are_avoided(path: Path) -> None:
    registry = AgentRegistry(path)
    assert registry.kind("claude").mode == "default"
    assert not registry.kind("gemini").fs
    assert not registry.kind("gemini").reports_usage
    assert not any(kind.terminal for kind in registry.kinds())


def test_unknown_agent_names_the_nearest(path: Path) -> None:
    with pytest.raises(Misuse) as caught:
        AgentRegistry(path).kind("cladue")
    assert caught.value.code == "unknown-agent"
    assert 'did you mean "claude"?' in caught.value.message


def test_added_agent_is_found_again(path: Path) -> None:
    kind = AgentKind(
        name="mine",
        title="Mine: a tool",
        command=("mine", "--acp", "no", "{home}", "1.0"),
        env={"A": "1", "B": "yes"},
        pass_env=("MY_KEY",),
        keys=("MINE",),
        auth_methods=("key",),
        mode="ask",
        options={"model": "large"},
        fs=True,
        hosts=("127.0.0.1:8080", "api.example:443"),
        files={".mine/rc": "line 1\nline 2\n"},
        readonly=("/opt/mine",),
        probe=("mine", "--version"),
        version="1.0",
        install="get mine",
        resume=False,
        reports_usage=False,
    )
    AgentRegistry(path).add(kind)
    assert AgentRegistry(path).kind("mine") == kind
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    changed = AgentKind(name="mine", command=("other",))
    AgentRegistry(path).add(changed)
    assert AgentRegistry(path).kind("mine") == changed


def test_adding_keeps_what_the_owner_wrote(path: Path) -> None:
    registry = written(path, "# mine\nagents:\n  one:  # the first\n    command: [one]\n")
    registry.add(AgentKind(name="two", command=("two",)))
    assert "# mine\n" in path.read_text()
    assert "# the first\n" in path.read_text()
    assert [kind.name for kind in registry.kinds()][-2:] == ["one", "two"]


def test_owner_replaces_a_built_in_agent(path: Path) -> None:
    registry = written(path, "agents:\n  claude:\n    command: [my-claude]\n")
    assert registry.kind("claude") == AgentKind(name="claude", command=("my-claude",))
    assert len(registry.kinds()) == len(KINDS)


@pytest.mark.parametrize("text", ["", "# nothing\n", "agents:\n", "agents: {}\n", "version: 1\n"])
def test_empty_files_are_fine(path: Path, text: str) -> None:
    assert len(written(path, text).kinds()) == len(KINDS)


@pytest.mark.parametrize(
    "text, says, where",
    [
        ("agnets: {}\n", "unknown key 'agnets'; did you mean \"agents\"?", ":1:1"),
        ("agents:\n  a:\n    comand: [x]\n", 'did you mean "command"?', ":3:5"),
        ("agents:\n  a:\n    endpoint: http://x:1\n", "is called 'hosts' now", ":3:5"),
        ("agents:\n  a:\n    command: x\n", "command is a list of texts", ":3:14"),
        ("agents:\n  a:\n    title: A\n", "the command has at least a program", ":2:3"),
        ("agents:\n  a:\n    command: []\n", "the command has at least a program", ":3:14"),
        ("agents:\n  A b:\n    command: [x]\n", "a name is", ":2:3"),
        ("agents:\n  a:\n    command: [x]\n    fs: maybe\n", "true or false", ":4:9"),
        ("agents:\n  a:\n    command: [x]\n    env: {HOME: /}\n", "set by each run", ":4:10"),
        ("agents:\n  a:\n    command: [x]\n    version: 1.0\n", "in quotes", ":4:14"),
        ("agents:\n  a:\n    command: [x]\n    hosts: [https://x]\n", "no host and port", ":4:12"),
        ("agents:\n  a:\n    command: [x]\n    files: {../x: y}\n", "no path below", ":4:12"),
        ("agents:\n  a:\n    command: [x]\n    base_urls: [X]\n", "not among pass_env", ":4:16"),
        ("agents:\n  a: {command: [x]}\n  a: {command: [y]}\n", "a second time", ":3:3"),
        ("agents: [a]\n", "agents is a mapping, found a list", ":1:9"),
        ("version: 2\n", "version 1 is known", ":1:10"),
        ("agents: &a {}\n", "anchors", ":1:9"),
        ("agents: {\n", "", ":2:1"),
    ],
)
def test_mistakes_in_the_file_name_their_place(
    path: Path, text: str, says: str, where: str
) -> None:
    message, place = refusal(written(path, text))
    assert says in message
    assert place == where


def test_broken_file_is_not_written_over(path: Path) -> None:
    registry = written(path, "agents: [\n")
    with pytest.raises(Misuse):
        registry.add(AgentKind(name="two", command=("two",)))
    assert path.read_text() == "agents: [\n"


@pytest.mark.parametrize(
    "kind",
    [
        AgentKind(name="Bad", command=("x",)),
        AgentKind(name="-bad", command=("x",)),
        AgentKind(name="a" * 64, command=("x",)),
        AgentKind(name="empty"),
        AgentKind(name="nul", command=("x", "a\0b")),
        AgentKind(name="pass", command=("x",), pass_env=("A=B",)),
        AgentKind(name="place", command=("x",), readonly=("relative",)),
    ],
)
def test_bad_entries_are_not_added(path: Path, kind: AgentKind) -> None:
    with pytest.raises(Misuse) as caught:
        AgentRegistry(path).add(kind)
    assert caught.value.code == "bad-agent"
    assert not path.exists()


def probing(tmp_path: Path, script: str, **fields: object) -> AgentKind:
    program = tmp_path / "agent"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    words = {"version": "1.2.3", "install": "npm install agent", **fields}
    return AgentKind(
        name="mine", command=(str(program),), probe=(str(program), "--version"), **words
    )


def test_doctor_finds_the_embedded_agent(path: Path) -> None:
    registry = AgentRegistry(path)
    found = registry.doctor(registry.kind("scripted"))
    assert (found.ok, found.version, found.cause) == (True, "1.0", "")


def test_doctor_names_the_install_command_of_a_missing_agent(path: Path) -> None:
    found = AgentRegistry(path).doctor(
        AgentKind(name="mine", command=("no-such-agent",), install="get it")
    )
    assert (found.ok, found.command) == (False, "get it")
    assert "no-such-agent was not found" in found.cause


@pytest.mark.parametrize(
    "script, ok, version, cause",
    [
        ("echo agent 1.2.3", True, "1.2.3", ""),
        ("echo v1.2.0 >&2", True, "1.2.0", "version 1.2.0 is installed, 1.2.3 was tested"),
        ("echo hello", True, "", "it does not say its version"),
        ("echo broken >&2; exit 4", False, "", "ends with exit code 4: broken"),
        ("echo WARNING: x; echo error: no; exit 2", False, "", "exit code 2: error: no"),
    ],
)
def test_doctor_compares_versions(
    tmp_path: Path, path: Path, script: str, ok: bool, version: str, cause: str
) -> None:
    found = AgentRegistry(path).doctor(probing(tmp_path, script))
    assert (found.ok, found.version) == (ok, version)
    assert cause in found.cause
    assert bool(found.cause) == bool(cause)


def test_doctor_says_that_an_agent_reports_no_usage(tmp_path: Path, path: Path) -> None:
    found = AgentRegistry(path).doctor(probing(tmp_path, "echo 1.2.3", reports_usage=False))
    assert found.ok
    assert "reports no usage" in found.cause


def test_doctor_shows_the_program_nothing_of_its_owner(
    tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OWNERS_SECRET", "x")
    script = f'env > {tmp_path}/seen; echo "$HOME" > "$HOME/written"; echo 1.2.3'
    assert AgentRegistry(path).doctor(probing(tmp_path, script)).ok
    seen = (tmp_path / "seen").read_text()
    assert "OWNERS_SECRET" not in seen
    assert f"HOME={Path.home()}\n" not in seen


@pytest.mark.parametrize(
    "installed, package, asked",
    [
        ("zed-codex", "@zed-industries/codex-acp", "codex"),
        ("codex", "@agentclientprotocol/codex-acp", "zed-codex"),
    ],
)
def test_doctor_knows_whose_a_program_of_the_same_name_is_without_starting_it(
    tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch,
    installed: str, package: str, asked: str,
) -> None:  # fmt: skip
    folder = tmp_path / "lib" / "node_modules" / package
    program = folder / "bin" / "codex-acp.js"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\n: >> {tmp_path}/started\necho codex-acp 1.0.0\n")
    program.chmod(0o755)
    (folder / "package.json").write_text(f'{{"name": "{package}", "version": "1.0.0"}}')
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "codex-acp").symlink_to(program)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    registry = AgentRegistry(path)
    found = registry.doctor(registry.kind(asked))
    command = f"sps project set PROJECT --agent {installed}"
    assert (found.ok, found.command, found.instead) == (False, command, installed)
    assert found.cause == f"the codex-acp here is that of {installed}, not the one of {asked}"
    assert not (tmp_path / "started").exists()
    assert "not the one" not in registry.doctor(registry.kind(installed)).cause


def test_doctor_knows_a_binary_from_the_script_that_node_would_run(
    tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "codex-acp").write_bytes(b"\x7fELF")
    (tmp_path / "codex-acp").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    registry = AgentRegistry(path)
    assert registry.doctor(registry.kind("codex")).instead == "zed-codex"
    assert registry.namesake(registry.kind("codex")) == "zed-codex"
    assert registry.namesake(registry.kind("zed-codex")) == ""


def _entry(name: str) -> str:
    page = (Path(__file__).parents[2] / "docs" / "agents.md").read_text()
    blocks = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    return next(text for text in blocks if text.startswith(f"agents:\n  {name}:"))


@pytest.mark.parametrize("name, ok", [("codex-gateway", False), ("zed-gateway", True)])
def test_doctor_knows_an_entry_that_was_made_for_another_program_of_that_name(
    tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch, name: str, ok: bool
) -> None:
    (tmp_path / "codex-acp").write_bytes(b"\x7fELF")
    (tmp_path / "codex-acp").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    registry = written(path, _entry(name))
    found = registry.doctor(registry.kind(name))
    assert found.ok is ok
    assert registry.namesake(registry.kind(name)) == ""
    if not ok:
        assert found.command == f"${{EDITOR:-vi}} {path}"
        assert found.cause == (
            "its program is that of zed-codex, which takes a key by openai-api-key, codex-api-key,"
            " not by api-key (`auth_methods`) and has no mode permission-profile:box (`mode`): the"
            " entry codex-gateway in agents.yaml names what it does not have"
        )


@pytest.mark.parametrize(
    "fields",
    [
        {"files": {"rc": 'a = "https://gateway.example:8443/v1"\nb = "http://127.0.0.1:8099/v1"'}},
        {"env": {"A_URL": "http://127.0.0.1:8099", "B_URL": "https://gateway.example:8443"}},
    ],
)
def test_doctor_does_not_take_an_address_that_hosts_does_not_name(
    tmp_path: Path, path: Path, fields: dict[str, dict[str, str]]
) -> None:
    listed = {"hosts": ("gateway.example:8443",), **fields}
    found = AgentRegistry(path).doctor(probing(tmp_path, "echo 1.2.3", **listed))
    assert (found.ok, found.command) == (False, f"${{EDITOR:-vi}} {path}")
    assert found.cause == "it names 127.0.0.1:8099, and `hosts` of mine in agents.yaml does not"
    whole = {**listed, "hosts": ("gateway.example:8443", "127.0.0.1:8099")}
    found = AgentRegistry(path).doctor(probing(tmp_path, "echo 1.2.3", **whole))
    assert (found.ok, found.cause) == (True, "")


def test_no_built_in_agent_names_an_address_that_its_hosts_leaves_out() -> None:
    assert [kind.name for kind in KINDS if unlisted(kind)] == []


def test_page_about_agents_names_every_key_of_an_entry_and_its_examples_are_read(
    path: Path,
) -> None:
    page = (Path(__file__).parents[2] / "docs" / "agents.md").read_text()
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    said = {name for row in rows for name in re.findall("`(.+?)`", row)}
    assert {*AgentKind.__struct_fields__} - {"name", "skills"} <= said
    blocks = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    examples = [text for text in blocks if text.startswith("agents:")]
    assert len(examples) == 3
    for text in examples:
        [own] = written(path, text).kinds()[len(KINDS) :]
        assert own.command
        assert own.keys
