"""The landing target's history is read as it is now, without fetching or writing anything."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from sps.adapters.git_vault import GitVault
from sps.model.pipeline import Land, LandTarget
from sps.model.project import Project
from sps.ports.home import Home

pytestmark = pytest.mark.needs("git")

LOCAL = Land()
REMOTE = Land(to=LandTarget.ORIGIN)


class Target:
    """A repository with a remote, and the vault of a project on it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.origin = root / "origin.git"
        self.repo = root / "repo"
        self.env = {
            "PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "o", "GIT_AUTHOR_EMAIL": "o@example.org",
            "GIT_COMMITTER_NAME": "o", "GIT_COMMITTER_EMAIL": "o@example.org",
        }  # fmt: skip
        self.repo.mkdir()
        self.git("init", "-q", "-b", "main")
        self.first = self.commit("first\n\nCard: 01A")
        self.git("clone", "-q", "--bare", str(self.repo), str(self.origin))
        self.git("remote", "add", "origin", str(self.origin))
        self.vault = GitVault(Home(root / "home"))
        self.project = Project(
            name="demo", id="01P", repo=str(self.repo), branch="main", agent="scripted",
            created_at=0,
        )  # fmt: skip
        self.vault.create(self.project)

    def git(self, *words: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(self.repo), *words], env=self.env, check=True, text=True,
            capture_output=True, timeout=60,
        )  # fmt: skip
        return done.stdout.strip()

    def commit(self, message: str) -> str:
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def target(tmp_path: Path) -> Target:
    return Target(tmp_path)


def test_local_commits_that_the_vault_never_saw_are_read_where_they_lie(target: Target) -> None:
    second = target.commit("second\n\nCard: 01B")
    log = target.vault.target_log(
        target.project, LOCAL, "Card", (target.first, second, "0" * 40, "no id")
    )
    assert log.commit == second
    assert log.current
    assert log.holds == {target.first, second}
    assert log.carriers == ((second, "01B"), (target.first, "01A"))
    assert not target.vault.exists(target.project, second), "nothing was fetched"


def test_commit_beside_the_history_is_not_held(target: Target) -> None:
    target.git("checkout", "-q", "-b", "aside")
    aside = target.commit("aside\n\nCard: 01C")
    log = target.vault.target_log(target.project, LOCAL, "Card", (aside,))
    assert log.holds == frozenset()
    assert log.carriers == ((target.first, "01A"),)


def test_trailer_of_a_merged_branch_is_held_but_no_carrier(target: Target) -> None:
    target.git("checkout", "-q", "-b", "aside")
    aside = target.commit("aside\n\nCard: 01C")
    target.git("checkout", "-q", "main")
    target.git("merge", "-q", "--no-ff", "-m", "merged\n\nCard: 01D", "aside")
    log = target.vault.target_log(target.project, LOCAL, "Card", (aside,))
    assert log.holds == {aside}
    assert [value for _, value in log.carriers] == ["01D", "01A"]


def test_word_card_in_a_message_is_no_trailer(target: Target) -> None:
    target.commit("Card: games\n\nCard: 01X is what this is about,\nand it goes on.\n\nThe end.")
    log = target.vault.target_log(target.project, LOCAL, "Card", ())
    assert [value for _, value in log.carriers] == ["01A"]


def test_remote_that_moved_on_is_answered_by_the_vaults_copy(target: Target) -> None:
    target.git("checkout", "-q", "--detach")
    second = target.commit("second\n\nCard: 01B")
    before = target.vault.target_log(target.project, REMOTE, "Card", (target.first,))
    assert before.current
    target.git("push", "-q", "origin", f"{second}:refs/heads/main")
    log = target.vault.target_log(target.project, REMOTE, "Card", (target.first, second))
    assert not log.current
    assert log.commit == target.first
    assert log.holds == {target.first}
