"""Why a sandbox does not work here: the cause and the command that helps."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from sps.adapters.sandbox_bwrap import BwrapSandbox
from sps.adapters.sandbox_bwrap.cause import not_installed, refused
from sps.model.errors import Absent
from sps.ports.sandbox import Box

_SAID = "bwrap: No permissions to create new namespace\nmore\n"


@pytest.mark.parametrize(
    "installer,command",
    [
        ("apt-get", "sudo apt-get install bubblewrap"),
        ("dnf", "sudo dnf install bubblewrap"),
        ("pacman", "sudo pacman -S bubblewrap"),
        ("none", ""),
    ],
)
def test_missing_program_names_what_installs_it(
    monkeypatch: pytest.MonkeyPatch, installer: str, command: str
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: name if name == installer else None)
    monkeypatch.setattr(sys, "platform", "linux")
    assert not_installed().command == command
    assert "not installed" in not_installed().cause


def test_macos_is_told_what_is_possible(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "Linux" in not_installed().cause
    assert "sandbox: none" in not_installed().cause


@pytest.mark.parametrize(
    "setting,value,command",
    [
        ("kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone=1"),
        (
            "kernel/apparmor_restrict_unprivileged_userns",
            "1",
            "kernel.apparmor_restrict_unprivileged_userns=0",
        ),
        ("user/max_user_namespaces", "0", "user.max_user_namespaces=15000"),
    ],
)
def test_forbidden_namespaces_name_the_setting(
    tmp_path: Path, setting: str, value: str, command: str
) -> None:
    file = tmp_path / "proc/sys" / setting
    file.parent.mkdir(parents=True)
    file.write_text(f"{value}\n", encoding="utf-8")
    probe = refused(_SAID, root=tmp_path)
    assert not probe.ok
    assert probe.command == f"sudo sysctl -w {command}"
    assert "forbids user namespaces" in probe.cause


def test_container_is_recognised(tmp_path: Path) -> None:
    (tmp_path / ".dockerenv").touch()
    probe = refused(_SAID, root=tmp_path)
    assert "container" in probe.cause
    assert "seccomp=unconfined" in probe.command


def test_anything_else_is_its_first_line_and_safe(tmp_path: Path) -> None:
    probe = refused("\x1b[31mbwrap: strange\x1b[0m\nmore", root=tmp_path)
    assert probe.cause.endswith("bwrap: strange")
    assert refused("", root=tmp_path).cause.endswith("no message")


def test_sandbox_without_its_program_says_so() -> None:
    sandbox = BwrapSandbox(program="no-such-bwrap")
    assert not sandbox.probe().ok
    with pytest.raises(Absent) as caught:
        sandbox.launch(Box(argv=("true",), cwd="/", env={}))
    assert caught.value.code == "no-bwrap"


def test_sandbox_that_refuses_is_reported(tmp_path: Path) -> None:
    program = tmp_path / "bwrap"
    program.write_text("#!/bin/sh\necho 'bwrap: out of order' >&2\nexit 1\n", encoding="utf-8")
    program.chmod(0o755)
    probe = BwrapSandbox(program=str(program)).probe()
    assert not probe.ok
    assert "out of order" in probe.cause
