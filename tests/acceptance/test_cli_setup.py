"""sps setup: with flags, at a terminal, again, and taken back."""

from __future__ import annotations

import hashlib
import json
import os
import pty
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.acceptance.installed_cli import PROGRAM

pytestmark = pytest.mark.needs("git")

OWN = "# Rules\n\nBe kind.\n"
EDITED = "Be kind, and short.\n"


@dataclass(frozen=True)
class Machine:
    """A user with a home folder, an agent's folder in it, and a repository."""

    folder: Path

    @property
    def user(self) -> Path:
        return self.folder / "user"

    @property
    def home(self) -> Path:
        return self.user / ".sps"

    @property
    def repo(self) -> Path:
        return self.folder / "repo"

    @property
    def env(self) -> dict[str, str]:
        return {"HOME": str(self.user), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}

    def sps(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(PROGRAM), *words], env=self.env, cwd=self.repo, input=stdin, timeout=60,
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    def at_terminal(self, *answers: tuple[str, str]) -> str:
        """Run setup at a terminal: wait for a text, then type an answer, for each pair."""
        mine, theirs = pty.openpty()
        child = subprocess.Popen(
            [str(PROGRAM), "setup"], env={**self.env, "TERM": "xterm"}, cwd=self.repo,
            stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        )  # fmt: skip
        os.close(theirs)
        said = ""
        for awaited, answer in answers:
            said += _read_until(mine, awaited, since=len(said))
            os.write(mine, f"{answer}\n".encode())
        said += _read_until(mine, "next: ", since=len(said))
        assert child.wait(30) == 0
        os.close(mine)
        return said

    def seen(self) -> dict[str, str]:
        """Return a digest of every file of the user and the repository, but for git's own."""
        found: dict[str, str] = {}
        for root in (self.user, self.repo):
            for path in sorted(root.rglob("*")):
                if {".git", "audit"} & set(path.parts):  # git's own, and what was noted of calls
                    continue
                if path.is_symlink():
                    found[str(path)] = os.readlink(path)
                elif path.is_file():
                    found[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
                else:
                    found[str(path)] = "folder"
        return found

    def git(self, *words: str) -> str:
        return subprocess.run(
            ["git", "-c", "user.name=T", "-c", "user.email=t@localhost", *words], cwd=self.repo,
            check=True, capture_output=True, text=True, timeout=30,
        ).stdout  # fmt: skip


def _read_until(handle: int, awaited: str, *, since: int) -> str:
    said, end = "", time.monotonic() + 40
    while awaited not in said:
        assert time.monotonic() < end, f"waited for {awaited!r}, got {said!r} after {since}"
        try:
            said += os.read(handle, 65536).decode(errors="replace")
        except OSError:
            break
    assert awaited in said, said
    return said


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    made = Machine(tmp_path)
    (made.user / ".claude").mkdir(parents=True)
    made.repo.mkdir()
    (made.repo / "CLAUDE.md").write_text(OWN)
    made.git("init", "-q", "-b", "main")
    made.git("add", "-A")
    made.git("commit", "-qm", "start")
    return made


def test_setup_with_flags_is_taken_back_to_the_byte(machine: Machine) -> None:
    before = machine.seen()
    done = machine.sps(
        "setup", "--agent", "scripted", "--skill", "python", "--rules", "CLAUDE.md",
        "--rules", "AGENTS.md", "--yes",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "+++ b/CLAUDE.md" in done.stderr
    assert (machine.user / ".claude/skills/python").is_symlink()
    assert (machine.repo / "CLAUDE.md").read_text().startswith(OWN)
    assert "sps card add PROJECT" in (machine.repo / "AGENTS.md").read_text()
    assert machine.git("log", "--format=%s").split() == ["start"]  # never committed
    assert machine.git("diff", "--cached", "--name-only") == ""

    key = machine.sps("setup", "--key", "claude=ANTHROPIC_API_KEY", stdin="sk-canary-123456\n")
    assert key.returncode == 0, key.stderr
    assert "canary" not in key.stdout + key.stderr + (machine.home / "setup.json").read_text()
    kept = [p for p in (machine.home / "agents").rglob("*") if p.is_file()]
    assert any("canary" in p.read_text() for p in kept)
    assert all(p.stat().st_mode & 0o077 == 0 for p in kept)

    gone = machine.sps("setup", "--uninstall")
    assert gone.returncode == 0, gone.stderr
    assert machine.seen() == before


def test_what_was_edited_since_is_left_and_named(machine: Machine) -> None:
    machine.sps("setup", "--rules", "CLAUDE.md", "--rules", "AGENTS.md", "--yes")
    rules = machine.repo / "AGENTS.md"
    rules.write_text(rules.read_text().replace("One card, one change.", EDITED))
    own = machine.repo / "CLAUDE.md"
    own.write_text(own.read_text().replace("Be kind.\n", EDITED))
    said = json.loads(machine.sps("setup", "--uninstall", "--json").stdout)
    assert {one["path"] for one in said["left"]} == {str(rules), str(machine.home)}
    assert EDITED in rules.read_text()
    assert own.read_text() == OWN.replace("Be kind.\n", EDITED)  # their own part, edited or not


def test_a_home_with_projects_stays(machine: Machine) -> None:
    machine.sps("setup")
    assert machine.sps("project", "init", "p", "--repo", ".").returncode == 0
    said = machine.sps("setup", "--uninstall")
    assert "it holds projects: p" in said.stdout
    assert (machine.home / "sps.db").is_file()


def test_setup_again_keeps_what_was_chosen(machine: Machine) -> None:
    machine.sps("setup", "--agent", "scripted", "--rules", "CLAUDE.md", "--yes")
    before = machine.seen()
    again = machine.sps("setup", "--rules", "CLAUDE.md", "--yes")
    assert "has the part on cards already" in again.stderr
    assert machine.seen() == before
    shown = json.loads(machine.sps("setup", "--json").stdout)
    assert shown["agent"] == "scripted"
    made = json.loads(machine.sps("project", "init", "p", "--repo", ".", "--json").stdout)
    assert (made["agent"], made["agent_why"]) == ("scripted", "as you said at setup")


def test_without_a_terminal_an_offer_needs_a_yes(machine: Machine) -> None:
    refused = machine.sps("setup", "--rules", "CLAUDE.md")
    assert refused.returncode == 2
    assert "--yes" in refused.stderr
    assert (machine.repo / "CLAUDE.md").read_text() == OWN
    dry = machine.sps("setup", "--rules", "CLAUDE.md", "--dry-run")
    assert dry.returncode == 0
    assert (machine.repo / "CLAUDE.md").read_text() == OWN
    wrong = machine.sps("setup", "--rules", "AGENT.md", "--yes")
    assert wrong.returncode == 2
    assert 'did you mean "AGENTS.md"?' in wrong.stderr


def test_a_rule_file_that_is_a_link_is_left(machine: Machine, tmp_path: Path) -> None:
    outside = tmp_path / "outside.md"
    outside.write_text("mine\n")
    (machine.repo / "AGENTS.md").symlink_to(outside)
    refused = machine.sps("setup", "--rules", "AGENTS.md", "--yes")
    assert refused.returncode == 2
    assert "symbolic link" in refused.stderr
    assert outside.read_text() == "mine\n"


def test_a_folder_that_leads_out_of_the_repository_is_not_written_to(
    machine: Machine, tmp_path: Path
) -> None:
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    (machine.repo / ".github").symlink_to(outside)
    refused = machine.sps("setup", "--rules", ".github/copilot-instructions.md", "--yes")
    assert refused.returncode == 2
    assert list(outside.iterdir()) == []


def test_wizard_writes_what_was_agreed_to_and_nothing_else(machine: Machine) -> None:
    said = machine.at_terminal(
        ("Link the skills", "n"), ("Show a part on cards", "y"), ("Write this to", "y")
    )
    assert "+## Tasks" in said
    assert "CLAUDE.md" in said
    assert (machine.repo / "CLAUDE.md").read_text().startswith(OWN)
    assert not (machine.user / ".claude/skills").exists()


def test_wizard_answered_with_nothing_changes_nothing_but_the_home(machine: Machine) -> None:
    before = machine.seen()
    machine.at_terminal(("Link the skills", ""), ("Show a part on cards", ""))
    after = machine.seen()
    assert {path: found for path, found in after.items() if "/.sps" not in path} == before
