"""`sps skill` as a program of its own: plain folders and repositories, no project, no setup."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.skill_bench import git, skill_text

pytestmark = pytest.mark.needs("git")


class Desk:
    """A user with a repository and nothing else."""

    def __init__(self, root: Path) -> None:
        self.root, self.user, self.repo = root, root / "user", root / "repo"
        self.user.mkdir()
        self.repo.mkdir()
        git(self.repo, "init", "--quiet", "--initial-branch", "main")

    def run(
        self, *words: str, code: int = 0, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a verb and return how it ended."""
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.user), "LANG": "C.UTF-8"}
        done = subprocess.run(
            [sys.executable, "-m", "sps", "skill", *words], cwd=cwd or self.repo, env=environment,
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        return done

    def json(self, *words: str, code: int = 0) -> Any:
        """Run a verb and return its JSON document."""
        return json.loads(self.run(*words, "--json", code=code).stdout)

    def skill(self, name: str, **text: str) -> Path:
        """Write a skill to install."""
        folder = self.root / "skills" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "SKILL.md").write_text(skill_text(name, **text))
        return folder


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_the_whole_way_of_a_skill(desk: Desk) -> None:
    folder = desk.skill("tidy")
    shown = desk.run("install", str(folder)).stdout
    assert "quarantine" in shown
    assert "SKILL.md" in shown
    command = next(line for line in shown.splitlines() if "next:" in line).split("sps skill ")[1]
    assert "skill-quarantined" in desk.run("add", "tidy", code=1).stderr
    desk.run(*command.split())
    desk.run("add", "tidy")
    assert (desk.repo / ".agents/skills/tidy").is_symlink()
    assert desk.json("list", "--here")["skills"][0]["state"] == "linked"
    assert desk.json("ci") == {
        "ok": True, "repository": str(desk.repo), "skills": {"tidy": "linked"},
        "differences": [], "foreign": [],
    }  # fmt: skip
    desk.run("freeze", "tidy")
    (desk.repo / ".agents/skills/tidy/SKILL.md").write_text(skill_text("tidy", body="Mine.\n"))
    assert "changed-file" in desk.run("ci", code=1).stdout
    assert "skill-edited" in desk.run("unfreeze", "tidy", code=1).stderr
    desk.run("unfreeze", "tidy", "--discard")
    item = desk.json("trash", "list")["items"][0]
    desk.run("trash", "restore", item["id"])
    assert "Mine." in (desk.repo / ".agents/skills/tidy/SKILL.md").read_text()
    desk.run("remove", "tidy")
    assert desk.json("verify")["skills"] == {}


def test_an_update_is_shown_and_risks_need_a_word_of_their_own(desk: Desk) -> None:
    folder = desk.skill("tidy")
    desk.run("install", str(folder), "--trust")
    desk.run("add", "tidy")
    (folder / "SKILL.md").write_text(skill_text("tidy", body="Better.\n"))
    asked = desk.run("update", code=2)
    assert "+Better." in asked.stderr
    assert "not-confirmed" in asked.stderr
    assert desk.json("update", "--yes")["skills"][0]["did"] == "updated"
    (folder / "run.sh").write_text("#!/bin/sh\necho x\n")
    assert "update-risky" in desk.run("update", "--yes", code=1).stderr
    assert not (desk.repo / ".agents/skills/tidy/run.sh").exists()
    desk.run("update", "--yes", "--accept-risks")
    assert (desk.repo / ".agents/skills/tidy/run.sh").exists()


@pytest.mark.parametrize(
    "words",
    [("list",), ("ci", "--allow-empty"), ("verify",), ("lint",), ("scan",), ("doctor",),
     ("trash", "list"), ("search", "python")],
)  # fmt: skip
def test_looking_needs_no_home_and_makes_none(desk: Desk, words: tuple[str, ...]) -> None:
    plain = desk.root / "plain"
    plain.mkdir()
    desk.run(*words, cwd=plain)
    desk.json(*words)
    assert list(plain.iterdir()) == []
    assert list(desk.user.iterdir()) == []


def test_a_dry_run_of_each_verb_leaves_everything(desk: Desk) -> None:
    desk.run("install", str(desk.skill("tidy")), "--trust")
    desk.run("add", "tidy")
    home = sorted(path for path in (desk.user / ".sps").rglob("*"))
    held = os.readlink(desk.repo / ".agents/skills/tidy")
    for words in (
        ("install", str(desk.skill("other"))), ("trust", "tidy"), ("add", "tidy", "--copy"),
        ("remove", "tidy"), ("freeze", "tidy"), ("unfreeze", "tidy"), ("disable", "tidy"),
        ("enable", "tidy"), ("update",), ("sync",), ("new", "fresh"), ("sync", "--user", "tidy"),
    ):  # fmt: skip
        assert "nothing was changed" in desk.run(*words, "--dry-run").stderr
    assert sorted(path for path in (desk.user / ".sps").rglob("*")) == home
    assert os.readlink(desk.repo / ".agents/skills/tidy") == held
    assert not (desk.repo / ".agents/skills/fresh").exists()


@pytest.mark.parametrize("agent,folder", [
    ("claude", ".claude/skills"), ("codex", ".agents/skills"), ("gemini", ".agents/skills"),
    ("opencode", ".agents/skills"), ("copilot", ".agents/skills"), ("cursor", ".agents/skills"),
])  # fmt: skip
def test_each_agent_finds_it_in_a_repository_and_with_the_user(
    desk: Desk, agent: str, folder: str
) -> None:
    desk.run("install", str(desk.skill("tidy")), "--trust")
    desk.run("add", "tidy", "--agent", agent)
    assert (desk.repo / folder / "tidy/SKILL.md").is_file()
    desk.run("sync", "--user", "tidy", "--agent", agent)
    assert (desk.user / folder / "tidy/SKILL.md").is_file()


def test_a_new_skill_is_valid(desk: Desk) -> None:
    desk.run("new", "fresh", "--description", "Use when: it is fresh.")
    assert desk.json("lint", "fresh")["ok"] is True
    sarif = json.loads(desk.run("lint", "fresh", "--sarif").stdout)
    assert sarif["version"] == "2.1.0"
    assert desk.json("scan")["skills"][0]["verdict"] == "clean"


def test_errors_say_what_to_type_next(desk: Desk) -> None:
    for words, code in (
        (("add", "../../src"), "bad-name"), (("remove", "nothing"), "not-locked"),
        (("install", "nowhere"), "unknown-source"), (("trust", "nothing"), "unknown-skill"),
    ):  # fmt: skip
        error = desk.json(*words, code=2)["error"]
        assert (error["code"], bool(error["next"])) == (code, True)


def test_ci_without_a_lock_fails_and_says_what_to_run(desk: Desk) -> None:
    plain = desk.root / "plain"
    plain.mkdir()
    done = desk.run("ci", code=3, cwd=plain)
    assert "error[no-lock]" in done.stderr
    assert "next: sps skill add NAME" in done.stderr


def test_a_table_keeps_to_the_width_of_the_terminal(desk: Desk) -> None:
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(desk.user), "LANG": "C.UTF-8", "COLUMNS": "80",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "sps", "skill", "list"], cwd=desk.repo, env=environment,
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert max(len(line) for line in done.stdout.splitlines()) == 80


def test_show_counts_the_files_of_a_large_skill(desk: Desk) -> None:
    lines = desk.run("show", "python").stdout.splitlines()
    assert len(lines) < 25
    assert any(" files " in line and line.endswith("checks/") for line in lines)
    assert len(desk.json("show", "python")["files"]) > 100
