"""Landing: compare-and-swap against targets of every shape, and a reader that believes its eyes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import msgspec
import pytest

from sps.adapters.git_vault import GitVault
from sps.model.errors import Absent, WorkFailed
from sps.model.pipeline import Land, LandTarget
from sps.ports.vault import Pushed, PushOutcome
from tests.vault_place import LAND, VaultPlace, make_place, naive

pytestmark = pytest.mark.needs("git")
ORIGIN = Land(to=LandTarget.ORIGIN)


@pytest.fixture
def place(tmp_path: Path) -> VaultPlace:
    return make_place(tmp_path)


def land(place: VaultPlace, how: Land = LAND) -> tuple[str, Pushed]:
    base = place.vault.refresh(place.project, how).commit
    tip = place.work()
    commit = place.vault.commit_merge(place.project, place.landing(base, tip))
    return commit, place.vault.push(place.project, how, commit, base)


def test_moved_target_is_not_overwritten(place: VaultPlace) -> None:
    base, tip = place.head, place.work()
    commit = place.vault.commit_merge(place.project, place.landing(base, tip))
    moved = place.commit_file("file1.txt", "owner\n")
    assert place.vault.push(place.project, LAND, commit, base).outcome is PushOutcome.MOVED
    assert place.head == moved
    assert place.vault.exists(place.project, moved)


@pytest.mark.parametrize("kind", ["edit", "staged", "colliding"])
def test_dirty_checkout_is_left_alone(place: VaultPlace, kind: str) -> None:
    name = "new.txt" if kind == "colliding" else "file1.txt"
    (place.repo / name).write_text("owner's own\n")
    if kind == "staged":
        naive("add", name, cwd=place.repo)
    before = place.head
    _, pushed = land(place)
    assert pushed.outcome is PushOutcome.DIRTY
    whichever = "in whichever files they are" in pushed.detail
    assert (name in pushed.detail, whichever) == (kind == "colliding", kind != "colliding")
    assert (place.repo / name).read_text() == "owner's own\n"
    assert place.head == before


def test_vault_that_is_gone_is_named_with_what_to_type(place: VaultPlace) -> None:
    vault = place.home.vault(place.project.name)
    shutil.rmtree(vault)
    with pytest.raises(WorkFailed) as caught:
        place.vault.refresh(place.project, LAND)
    assert (caught.value.code, caught.value.hint) == ("folder-lost", "sps verify")
    assert str(vault) in caught.value.message


def test_unrelated_untracked_file_does_not_matter(place: VaultPlace) -> None:
    (place.repo / "notes").write_text("notes\n")
    commit, pushed = land(place)
    assert (pushed.outcome, place.head) == (PushOutcome.LANDED, commit)
    assert (place.repo / "notes").exists()


def test_other_checked_out_branch_keeps_its_files(place: VaultPlace) -> None:
    naive("checkout", "-qb", "mine", cwd=place.repo)
    (place.repo / "file1.txt").write_text("edit\n")
    commit, pushed = land(place)
    assert (pushed.outcome, place.head) == (PushOutcome.LANDED, commit)
    assert not (place.repo / "new.txt").exists()
    assert naive("status", "--porcelain", cwd=place.repo) == "M file1.txt"


def test_bare_target(tmp_path: Path) -> None:
    place = make_place(tmp_path, bare=True)
    commit, pushed = land(place)
    assert (pushed.outcome, place.head) == (PushOutcome.LANDED, commit)


def test_linked_worktree_as_target(place: VaultPlace) -> None:
    linked = place.root / "linked"
    naive("worktree", "add", "-q", "-b", "side", str(linked), cwd=place.repo)
    project = msgspec.structs.replace(place.project, repo=str(linked), branch="side")
    other = VaultPlace(place.root, place.vault, place.home, project)
    other.vault.create(project)
    base = other.vault.refresh(project, LAND).commit
    tip = other.work()
    commit = other.vault.commit_merge(project, other.landing(base, tip))
    assert other.vault.push(project, LAND, commit, base).outcome is PushOutcome.LANDED
    assert naive("rev-parse", "side", cwd=linked) == commit
    assert (linked / "new.txt").exists()
    assert not (place.repo / "new.txt").exists()


def test_origin_is_the_target_and_the_checkout_stays(place: VaultPlace) -> None:
    origin = place.root / "origin.git"
    naive("clone", "-q", "--bare", str(place.repo), str(origin), cwd=place.root)
    naive("remote", "add", "origin", "../origin.git", cwd=place.repo)
    before = place.head
    commit, pushed = land(place, ORIGIN)
    assert pushed.outcome is PushOutcome.LANDED
    assert naive("rev-parse", "main", cwd=origin) == commit
    assert place.vault.target(place.project, ORIGIN) == commit
    assert place.head == before


def test_refusing_server_is_quoted(place: VaultPlace) -> None:
    origin = place.root / "origin.git"
    naive("clone", "-q", "--bare", str(place.repo), str(origin), cwd=place.root)
    naive("remote", "add", "origin", str(origin), cwd=place.repo)
    hook = origin / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho branch is protected >&2\nexit 1\n")
    hook.chmod(0o755)
    _, pushed = land(place, ORIGIN)
    assert pushed.outcome is PushOutcome.REFUSED
    assert "protected" in pushed.detail


def test_unreachable_origin_is_a_failure_without_its_password(place: VaultPlace) -> None:
    url = "http://user:secret@127.0.0.1:9/x.git"
    naive("remote", "add", "origin", url, cwd=place.repo)
    with pytest.raises(WorkFailed) as caught:
        place.vault.refresh(place.project, ORIGIN)
    assert "secret" not in caught.value.message


def test_deleted_branch_is_missing_not_refused(place: VaultPlace) -> None:
    base, tip = place.head, place.work()
    commit = place.vault.commit_merge(place.project, place.landing(base, tip))
    naive("checkout", "-q", "--detach", cwd=place.repo)
    naive("branch", "-q", "-D", "main", cwd=place.repo)
    with pytest.raises(Absent) as caught:
        place.vault.push(place.project, LAND, commit, base)
    assert caught.value.code == "target-missing"


def test_commit_that_would_take_history_back_is_refused(place: VaultPlace) -> None:
    old = place.head
    new = place.commit_file("file1.txt", "new\n")
    place.vault.refresh(place.project, LAND)
    assert place.vault.push(place.project, LAND, old, new).outcome is PushOutcome.REFUSED
    assert place.head == new


def test_hooks_of_the_owner_do_not_run(place: VaultPlace) -> None:
    for name in ("pre-receive", "update", "post-receive", "post-update", "push-to-checkout"):
        hook = place.repo / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {place.root}/RAN\nexit 1\n")
        hook.chmod(0o755)
    _, pushed = land(place)
    assert pushed.outcome is PushOutcome.LANDED
    assert not (place.root / "RAN").exists()


def test_landings_at_the_same_time_leave_no_files_behind(place: VaultPlace) -> None:
    base = place.head
    tips = [place.work(f"new{number}.txt", run=f"run{number}") for number in range(6)]
    made = [place.vault.commit_merge(place.project, place.landing(base, tip)) for tip in tips]
    outcomes: list[PushOutcome] = []

    def push(commit: str) -> None:
        vault = GitVault(place.home)
        outcomes.append(vault.push(place.project, LAND, commit, base).outcome)

    threads = [threading.Thread(target=push, args=(commit,)) for commit in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(outcomes) == [PushOutcome.LANDED] + [PushOutcome.MOVED] * 5
    assert place.head in made
    assert naive("status", "--porcelain", cwd=place.repo) == ""


PUSH = """
import sys
import threading
from pathlib import Path
import msgspec
from sps.adapters.git_vault import GitVault
from sps.model.pipeline import Land
from sps.model.project import Project
from sps.ports.home import Home
root, project, commit, base = sys.argv[1:]
GitVault(Home(Path(root))).push(msgspec.json.decode(project, type=Project), Land(), commit, base)
"""


@pytest.mark.parametrize("point", ["land-before-push", "land-after-push"])
def test_push_killed_around_the_swap_lands_once(place: VaultPlace, point: str) -> None:
    base, tip = place.head, place.work()
    commit = place.vault.commit_merge(place.project, place.landing(base, tip))
    document = msgspec.json.encode(place.project).decode()
    killed = subprocess.run(
        [sys.executable, "-c", PUSH, str(place.home.root), document, commit, base],
        env={**os.environ, "SPS_KILL_AT": point},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert place.head == (commit if point == "land-after-push" else base)
    assert place.vault.push(place.project, LAND, commit, base).outcome is PushOutcome.LANDED
    assert place.head == commit
    assert naive("rev-list", "--count", "--merges", "main", cwd=place.repo) == "1"


def test_git_that_is_not_there_is_said(place: VaultPlace) -> None:
    with pytest.raises(Absent) as caught:
        GitVault(place.home, "/nonexistent/git").refs(place.project, "refs/sps")
    assert caught.value.code == "git-missing"
