"""What is shown of an agent's installation."""

from __future__ import annotations

from pathlib import Path

from sps.adapters.agent_acp.box import environment
from sps.adapters.agent_acp.install import find, folders, start
from sps.model.pipeline import SandboxMode
from sps.ports.agent import AgentJob, AgentKind


def program(path: Path, first: str = "#!/bin/sh\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(first)
    path.chmod(0o755)
    return path


def test_link_shows_its_folder_its_packages_and_its_interpreter(tmp_path: Path) -> None:
    home = tmp_path / "home"
    real = program(home / "tools/lib/node_modules/agent/index.js", "#!/usr/bin/env -S node\n")
    node = program(home / "node/v22/bin/node")
    link = home / "tools/bin/agent"
    link.parent.mkdir()
    link.symlink_to(real)
    shown = folders(str(link), f"{node.parent}:/usr/bin", home)
    assert shown == (
        str(link.parent),
        str(home / "tools/lib/node_modules"),
        str(node.parent),
        str(node.parent.parent),
    )


def test_home_itself_is_never_shown(tmp_path: Path) -> None:
    assert folders(str(program(tmp_path / "agent")), "/usr/bin", tmp_path) == (
        str(tmp_path / "agent"),
    )
    in_bin = program(tmp_path / "bin/agent")
    assert folders(str(in_bin), "/usr/bin", tmp_path) == (str(in_bin.parent), str(in_bin))


def test_programs_of_the_system_need_nothing() -> None:
    shell = find("sh", "/usr/bin:/bin")
    assert shell is not None
    assert folders(shell, "/usr/bin:/bin", Path("/home/someone")) == ()


def test_script_keeps_the_interpreter_of_its_own_search(tmp_path: Path) -> None:
    """A project that brings another node must not decide which one the agent runs on."""
    node = program(tmp_path / "good" / "node")
    agent = str(program(tmp_path / "good" / "agent", "#!/usr/bin/env node\n"))
    assert start(agent, str(node.parent)) == (str(node), agent)
    assert start(agent, "/nowhere") == (agent,)
    for first in ("#!/bin/sh\n", "#!/usr/bin/env -S node --flag\n", "binary\n"):
        other = str(program(tmp_path / "good" / "other", first))
        assert start(other, str(node.parent)) == (other,)


def test_programs_of_a_project_come_first_inside_and_the_agents_path_after(tmp_path: Path) -> None:
    job = AgentJob(
        run_id="r", kind=AgentKind(name="a", command=("agent",), env={"PATH": "/agents"}),
        workspace="/w", run_dir="/r", prompt="", env={"COLOUR": "blue"},
        sandbox=SandboxMode.AUTO, tag="t", path=("/w/.venv/bin", "/tools/bin"),
    )  # fmt: skip
    given = environment(job, tmp_path)
    assert given["PATH"] == "/w/.venv/bin:/tools/bin:/agents"
    assert given["COLOUR"] == "blue"
