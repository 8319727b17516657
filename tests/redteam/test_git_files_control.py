"""The control of `test_git_files`: the obvious way to handle such a workspace falls for it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.vault_place import VaultPlace, make_place, naive

pytestmark = pytest.mark.needs("git")


@pytest.fixture
def place(tmp_path: Path) -> VaultPlace:
    return make_place(tmp_path)


@pytest.fixture
def folder(place: VaultPlace) -> Path:
    return place.prepare()[1]


def test_a16_a17_control_a_copy_that_follows_links_takes_the_secret_along(
    tmp_path: Path, folder: Path
) -> None:
    (tmp_path / "key").write_text("SECRET")
    (folder / "notes").symlink_to(tmp_path / "key")
    shutil.copytree(folder, tmp_path / "copy")
    assert (tmp_path / "copy" / "notes").read_text() == "SECRET"
    assert not (tmp_path / "copy" / "notes").is_symlink()


def test_a36_control_a_reader_of_every_file_waits_at_a_pipe_for_ever(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    with pytest.raises(subprocess.TimeoutExpired):
        subprocess.run(["cat", "pipe"], cwd=folder, timeout=0.5, check=False)


def test_a18_control_git_that_is_not_told_otherwise_takes_such_names(folder: Path) -> None:
    for name in ("git~1", ".g\u200cit"):
        (folder / name).mkdir()
        (folder / name / "config").write_text("x\n")
    trusting = ("-c", "core.protectHFS=false", "-c", "core.protectNTFS=false")
    naive(*trusting, "add", "-A", cwd=folder)
    listed = naive("-c", "core.quotePath=false", "ls-files", cwd=folder)
    assert {"git~1/config", ".g\u200cit/config"} <= set(listed.splitlines())


def test_a18_control_a_fetch_without_checks_brings_the_git_folder(
    place: VaultPlace, folder: Path
) -> None:
    blob = naive("hash-object", "-w", "--stdin", cwd=folder, stdin="x")
    inner = naive("mktree", cwd=folder, stdin=f"100644 blob {blob}\tconfig\n")
    tree = naive("mktree", cwd=folder, stdin=f"040000 tree {inner}\t.GIT\n")
    commit = naive("commit-tree", tree, "-m", "evil", cwd=folder)
    naive("fetch", "-q", str(folder), f"{commit}:refs/heads/evil", cwd=place.repo)
    assert ".GIT" in naive("ls-tree", "--name-only", "evil", cwd=place.repo)


def test_a12_control_attributes_decide_what_git_adds(folder: Path) -> None:
    (folder / ".gitattributes").write_text("*.txt working-tree-encoding=nonsense\n")
    (folder / "dirty.txt").write_text("dirty\n")
    naive("add", "-A", cwd=folder, check=False)
    assert "dirty.txt" not in naive("ls-files", cwd=folder)


def _in_a_shell(folder: Path, word: str) -> None:
    subprocess.run(f"git log {word}", shell=True, cwd=folder, capture_output=True, check=False)


def _as_an_argument(folder: Path, word: str) -> None:
    subprocess.run(["git", "diff", word, "HEAD"], cwd=folder, capture_output=True, check=False)


@pytest.mark.parametrize(
    "way, word",
    [(_in_a_shell, "$(touch RAN)"), (_in_a_shell, ";touch RAN"), (_as_an_argument, "--output=RAN")],
)
def test_a15_control_a_name_in_a_command_line_is_obeyed(
    folder: Path, way: Callable[[Path, str], None], word: str
) -> None:
    way(folder, word)
    assert (folder / "RAN").exists()
