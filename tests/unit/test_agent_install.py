"""What is shown of an agent's installation."""

from __future__ import annotations

from pathlib import Path

from sps.adapters.agent_acp.install import find, folders


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
