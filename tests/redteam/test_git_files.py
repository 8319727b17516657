"""Hostile files, names and objects in a workspace."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from sps.adapters.git_vault import names
from sps.model.errors import Misuse
from tests.vault_place import LAND, VaultPlace, make_place, naive

pytestmark = pytest.mark.needs("git")


@pytest.fixture
def place(tmp_path: Path) -> VaultPlace:
    return make_place(tmp_path)


def _secret(place: VaultPlace) -> Path:
    secret = place.root / "secret"
    secret.mkdir()
    (secret / "key").write_text("SECRET\n")
    return secret


def test_a16_a17_links_are_kept_as_links_and_never_followed(place: VaultPlace) -> None:
    secret = _secret(place)
    workspace, folder = place.prepare()
    (folder / "root").symlink_to("/")
    (folder / "out").symlink_to(secret)
    (folder / "key.log").symlink_to(secret / "key")
    (folder / "folder" / "inner.txt").unlink()
    (folder / "folder").rmdir()
    (folder / "folder").symlink_to(secret)
    found = place.collect(workspace)
    files = place.files(found.tip)
    assert (files["root"], files["out"], files["folder"]) == ("/", str(secret), str(secret))
    assert place.files(str(found.salvage)) == {"key.log": str(secret / "key")}
    assert "SECRET" not in "".join([*files.values(), *place.files(str(found.salvage)).values()])
    place.vault.release(place.project, workspace)
    place.prepare()
    assert (secret / "key").exists()
    assert (folder / "folder" / "inner.txt").is_file()


@pytest.mark.parametrize("name", ["pipe", ".gitignore", ".gitattributes", "file0.txt", "x.log"])
def test_a36_pipes_in_the_work_tree_do_not_block(place: VaultPlace, name: str) -> None:
    workspace, folder = place.prepare()
    (folder / name).unlink(missing_ok=True)
    os.mkfifo(folder / name)
    (folder / "dirty.txt").write_text("dirty\n")
    found = place.collect(workspace)
    assert place.files(found.tip)["dirty.txt"] == "dirty"
    assert any(name in line for line in found.left_out)
    place.vault.release(place.project, workspace)
    place.prepare()


@pytest.mark.parametrize(
    "name", ["HEAD", "packed-refs", "refs/heads/x", "objects/info/alternates", "shallow", "index"]
)
def test_a36_pipes_in_the_repository_do_not_block(place: VaultPlace, name: str) -> None:
    workspace, folder = place.prepare()
    made = place.commit_file("made.txt", "made\n", folder)
    (folder / ".git" / name).unlink(missing_ok=True)
    os.mkfifo(folder / ".git" / name)
    found = place.collect(workspace)
    assert place.files(found.tip)["made.txt"] == "made"
    assert place.vault.exists(place.project, made)


def test_a36_sockets_and_unreadable_folders_cost_nothing_else(place: VaultPlace) -> None:
    workspace, folder = place.prepare()
    here = os.getcwd()
    os.chdir(folder)  # the name of a socket is short
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("sock")
    finally:
        os.chdir(here)
    (folder / "locked").mkdir()
    (folder / "locked" / "file").write_text("locked\n")
    (folder / "locked" / "file").chmod(0)
    (folder / "locked").chmod(0)
    (folder / "folder").chmod(0)
    files = place.files(place.collect(workspace).tip)
    assert (files["locked/file"], files["folder/inner.txt"]) == ("locked", "inner")
    assert "sock" not in files


def test_a18_names_that_mean_git_elsewhere_never_reach_the_tip(place: VaultPlace) -> None:
    workspace, folder = place.prepare()
    for name in (".GIT", "git~1", ".git ", "sub/.Git", ".g\u200cit"):
        (folder / name).mkdir(parents=True)
        (folder / name / "config").write_text("[core]\n\tfsmonitor = touch RAN\n")
    (folder / "sub\n.GIT").mkdir()
    (folder / "sub\n.GIT" / "ok").write_text("ok\n")
    (folder / "dirty.txt").write_text("dirty\n")
    found = place.collect(workspace)
    assert set(place.files(found.tip)) - {"sub\n.GIT/ok"} == {
        *(".gitignore", "dirty.txt", "file0.txt", "file1.txt", "file2.txt", "folder/inner.txt")
    }
    assert len(place.files(str(found.salvage))) == 5
    place.vault.release(place.project, workspace)
    place.prepare()
    assert not (folder / ".GIT").exists()


def test_a34_alternates_do_not_bring_foreign_objects(place: VaultPlace) -> None:
    other = place.root / "other"
    other.mkdir()
    naive("init", "-q", cwd=other)
    secret = place.commit_file("secret", "SECRET\n", other)
    workspace, folder = place.prepare()
    alternates = folder / ".git" / "objects" / "info" / "alternates"
    alternates.write_text(f"{alternates.read_text()}{other}/.git/objects\n")
    (folder / ".git" / "refs" / "heads" / "stolen").write_text(secret + "\n")
    assert naive("cat-file", "-t", secret, cwd=folder) == "commit", "the control"
    naive("checkout", "-q", "-B", "sps/work", secret, cwd=folder)
    found = place.collect(workspace)
    assert not place.vault.exists(place.project, secret)
    assert any(secret in line for line in found.left_out)
    assert place.git("log", "-1", "--format=%P", found.tip) == workspace.start


def test_a34_linked_object_files_do_not_bring_foreign_objects(place: VaultPlace) -> None:
    other = place.root / "other"
    other.mkdir()
    naive("init", "-q", cwd=other)
    secret = place.commit_file("secret", "SECRET\n", other)
    workspace, folder = place.prepare()
    for path in (other / ".git" / "objects").glob("??/*"):
        target = folder / ".git" / "objects" / path.parent.name / path.name
        target.parent.mkdir(exist_ok=True)
        target.symlink_to(path)
    (folder / ".git" / "refs" / "heads" / "stolen").write_text(secret + "\n")
    assert naive("cat-file", "-t", secret, cwd=folder) == "commit", "the control"
    place.collect(workspace)
    assert not place.vault.exists(place.project, secret)


def test_a15_odd_ref_names_are_data(place: VaultPlace) -> None:
    workspace, folder = place.prepare()
    made = place.commit_file("made.txt", "made\n", folder)
    naive("reset", "-q", "--hard", workspace.start, cwd=folder)
    heads = folder / ".git" / "refs" / "heads"
    odd = ["-x", "--upload-pack=touch RAN", "$(touch RAN)", "a b", "x.lock.", "..", "a:b", "\n"]
    for name in odd:
        if name != "..":
            (heads / name).write_text(made + "\n")
    (heads / ("n" * 250)).write_text(made + "\n")
    place.collect(workspace)
    assert place.vault.exists(place.project, made)
    refs = place.vault.refs(place.project, "refs/sps/runs")
    assert list(refs.values()).count(made) == len(odd)
    assert not list(place.root.rglob("RAN"))
    assert place.vault.fsck(place.project) == []


def test_a46_replaced_objects_do_not_deceive(place: VaultPlace) -> None:
    workspace, folder = place.prepare()
    good = place.commit_file("made.txt", "good\n", folder)
    evil = place.commit_file("made.txt", "evil\n", folder)
    naive("replace", good, evil, cwd=folder)
    naive("reset", "-q", "--hard", good, cwd=folder)
    assert naive("cat-file", "blob", "HEAD:made.txt", cwd=folder) == "evil", "the control"
    place.collect(workspace)
    assert place.files(good)["made.txt"] == "good"


def test_a12_hostile_attributes_and_ignores_hide_nothing(place: VaultPlace) -> None:
    workspace, folder = place.prepare()
    (folder / ".gitattributes").write_text("* working-tree-encoding=nonsense ident\n")
    (folder / ".gitignore").write_text("*\n!.gitignore\n!dirty.txt\n")
    (folder / "dirty.txt").write_text("$Id$\n")
    found = place.collect(workspace)
    kept = place.files(found.tip) | place.files(str(found.salvage))
    assert kept["dirty.txt"] == "$Id$"
    assert ".gitattributes" in kept


def test_a46_shallow_and_graft_files_do_not_cut_history(place: VaultPlace) -> None:
    workspace, folder = place.prepare()
    first = place.commit_file("one.txt", "1\n", folder)
    second = place.commit_file("two.txt", "2\n", folder)
    (folder / ".git" / "shallow").write_text(second + "\n")
    (folder / ".git" / "info" / "grafts").write_text(second + "\n")
    assert naive("rev-list", "--count", "HEAD", cwd=folder) == "1", "the control"
    found = place.collect(workspace)
    assert (found.tip, found.commits) == (second, 2)
    assert place.vault.is_ancestor(place.project, first, second)
    assert not (place.home.vault("demo") / "shallow").exists()


def test_a18_commit_with_a_git_folder_in_its_tree_is_refused(place: VaultPlace) -> None:
    workspace, folder = place.prepare()
    blob = naive("hash-object", "-w", "--stdin", cwd=folder, stdin="x")
    inner = naive("mktree", cwd=folder, stdin=f"100644 blob {blob}\tconfig\n")
    tree = naive("mktree", cwd=folder, stdin=f"040000 tree {inner}\t.GIT\n")
    commit = naive("commit-tree", tree, "-p", workspace.start, "-m", "evil", cwd=folder)
    naive("update-ref", "refs/heads/sps/work", commit, cwd=folder)
    found = place.collect(workspace)
    assert found.tip == workspace.start
    assert any(commit in line for line in found.left_out)
    assert not place.vault.refs(place.project, "refs/sps/salvage")


@pytest.mark.parametrize(
    "text",
    ["-x", "--upload-pack=touch RAN", "$(touch x)", "HEAD", "main", "", "a" * 39, "0" * 40 + "\n"],
)
def test_a15_what_is_no_object_id_never_reaches_a_command(place: VaultPlace, text: str) -> None:
    vault, project, head = place.vault, place.project, place.head
    attempts = (
        lambda: vault.prepare(project, text),
        lambda: vault.checkout(project, text),
        lambda: vault.merge(project, head, text),
        lambda: vault.merge(project, text, head),
        lambda: vault.diff(project, head, text),
        lambda: vault.tree_of(project, text),
        lambda: vault.read_file(project, text, "x", 1),
        lambda: vault.merge_base(project, text, head),
        lambda: vault.is_ancestor(project, text, head),
        lambda: vault.push(project, LAND, text, head),
        lambda: vault.push(project, LAND, head, text),
        lambda: vault.keep(project, "refs/sps/x", text),
    )
    for attempt in attempts:
        with pytest.raises(Misuse):
            attempt()
    assert not vault.exists(project, text)


@pytest.mark.parametrize(
    "name", ["-x", "a..b", "a b", "x.lock", "/a", "a/", "a@{1}", "", "@", "a\n"]
)
def test_a15_what_is_no_branch_name_is_refused(name: str) -> None:
    with pytest.raises(Misuse):
        names.branch_ref(name)
