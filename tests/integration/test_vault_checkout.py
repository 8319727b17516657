"""Landing into a branch that its owner has checked out: what is there stays as it is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sps.ports.vault import PushOutcome
from tests.integration.test_vault_landing import land
from tests.vault_place import LAND, VaultPlace, make_place, naive

pytestmark = pytest.mark.needs("git")


@pytest.fixture
def place(tmp_path: Path) -> VaultPlace:
    return make_place(tmp_path)


def clean(place: VaultPlace) -> bool:
    return naive("status", "--porcelain", cwd=place.repo) == ""


@pytest.mark.parametrize("begun", ["rebase", "bisection"])
def test_branch_that_its_owner_will_come_back_to_is_not_moved(
    place: VaultPlace, begun: str
) -> None:
    for number in range(4):
        place.commit_file(f"more{number}.txt", "more\n")
    if begun == "rebase":
        naive("-c", "sequence.editor=sed -i s/^pick/edit/", "rebase", "-qi", "HEAD~2",
              cwd=place.repo)  # fmt: skip
    else:
        naive("bisect", "start", "HEAD", "HEAD~3", cwd=place.repo)
    before, standing = place.head, naive("rev-parse", "HEAD", cwd=place.repo)
    _, pushed = land(place)
    assert (pushed.outcome, begun in pushed.detail) == (PushOutcome.DIRTY, True)
    assert (place.head, naive("rev-parse", "HEAD", cwd=place.repo)) == (before, standing)
    assert clean(place)
    naive("rebase" if begun == "rebase" else "bisect", {"rebase": "--abort"}.get(begun, "reset"),
          cwd=place.repo)  # fmt: skip
    commit, pushed = land(place)
    assert (pushed.outcome, place.head, clean(place)) == (PushOutcome.LANDED, commit, True)


@pytest.mark.parametrize("owned", ["new.txt", "new.txt/keep"])
def test_file_that_git_ignores_is_not_overwritten(place: VaultPlace, owned: str) -> None:
    (place.repo / ".git/info/exclude").write_text("new.txt\n")
    mine = place.repo / owned
    mine.parent.mkdir(exist_ok=True)
    mine.write_text("nowhere else\n")
    before = place.head
    _, pushed = land(place)
    assert pushed.outcome is PushOutcome.DIRTY
    assert pushed.detail == f"the landing would overwrite {owned}, which git does not track"
    assert (mine.read_text(), place.head) == ("nowhere else\n", before)


def test_push_that_moves_no_branch_leaves_no_files_behind(place: VaultPlace) -> None:
    log = place.repo / ".git/logs/refs/heads" / place.project.branch
    kept = log.read_text()
    log.unlink()
    log.mkdir()
    (log / "in-the-way").touch()  # git finds this out when the files are there
    before = place.head
    _, pushed = land(place)
    assert (pushed.outcome, place.head) == (PushOutcome.REFUSED, before)
    assert clean(place)
    assert not (place.repo / "new.txt").exists()
    shutil.rmtree(log)
    log.write_text(kept)
    commit, pushed = land(place)
    assert (pushed.outcome, place.head, clean(place)) == (PushOutcome.LANDED, commit, True)


def test_files_of_a_push_that_was_killed_are_no_change_of_the_owners(place: VaultPlace) -> None:
    base = place.vault.refresh(place.project, LAND).commit
    commit = place.vault.commit_merge(place.project, place.landing(base, place.work()))
    naive("fetch", "-q", place.git("rev-parse", "--absolute-git-dir"), commit, cwd=place.repo)
    naive("read-tree", "-u", "-m", commit, cwd=place.repo)  # so far it had come
    assert not clean(place)
    pushed = place.vault.push(place.project, LAND, commit, base)
    assert (pushed.outcome, place.head, clean(place)) == (PushOutcome.LANDED, commit, True)


def test_branch_that_is_another_name_of_the_checked_out_one_lands_with_its_files(
    place: VaultPlace,
) -> None:
    branch = place.project.branch
    naive("branch", "-m", "trunk", cwd=place.repo)
    naive("symbolic-ref", f"refs/heads/{branch}", "refs/heads/trunk", cwd=place.repo)
    commit, pushed = land(place)
    assert (pushed.outcome, place.head, clean(place)) == (PushOutcome.LANDED, commit, True)
    assert (place.repo / "new.txt").exists()


def test_lock_that_a_killed_git_left_is_named(place: VaultPlace) -> None:
    for name in ("index.lock", "HEAD.lock", f"refs/heads/{place.project.branch}.lock"):
        lock = place.repo / ".git" / name
        lock.touch()
        _, pushed = land(place)
        assert (pushed.outcome, str(lock) in pushed.detail) == (PushOutcome.DIRTY, True)
        assert clean(place)
        lock.unlink()


def test_work_tree_elsewhere_is_named(place: VaultPlace, tmp_path: Path) -> None:
    branch, other = place.project.branch, tmp_path / "other"
    naive("checkout", "-qb", "mine", cwd=place.repo)
    naive("worktree", "add", "-q", str(other), branch, cwd=place.repo)
    (other / "file1.txt").write_text("edit\n")
    _, pushed = land(place)
    assert (pushed.outcome, pushed.where) == (PushOutcome.DIRTY, str(other))
    shutil.rmtree(other)
    _, pushed = land(place)
    assert (pushed.outcome, pushed.where) == (PushOutcome.DIRTY, str(other))
    assert "worktree prune" in pushed.detail
    naive("worktree", "prune", cwd=place.repo)
    assert land(place)[1].outcome is PushOutcome.LANDED


def test_git_dir_elsewhere_is_told_as_what_it_is(place: VaultPlace, tmp_path: Path) -> None:
    naive("init", "-q", "--separate-git-dir", str(tmp_path / "apart.git"), cwd=place.repo)
    _, pushed = land(place)
    assert (pushed.outcome, "apart.git" in pushed.detail) == (PushOutcome.DIRTY, True)
    naive("checkout", "-qb", "mine", cwd=place.repo)
    assert land(place)[1].outcome is PushOutcome.LANDED
