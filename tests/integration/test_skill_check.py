"""`sps skill check` in real repositories, hostile ones among them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.check_skill import SkillMaker

PROGRAM = Path(sys.executable).parent / "sps"
#: A syntax check of the bundled library, and code that breaks it.
CHECK, BROKEN = "debugging-workflow-debugger", "breakpoint()\n"
SKILL = ("--skill", "debugging-workflow")
pytestmark = pytest.mark.needs("git")


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def places(self) -> list[tuple[str, int]]:
        return [(one["path"], one["line"]) for one in self.json["findings"]]


@dataclass(frozen=True)
class Repo:
    """A repository, and the program run in it by a user without a home of SPS."""

    root: Path

    @property
    def env(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": str(self.root.parent),
            "SPS_HOME": str(self.root.parent / "no-home"), "GIT_CONFIG_NOSYSTEM": "1",
        }  # fmt: skip

    def git(self, *words: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(self.root), "-c", "user.name=t", "-c", "user.email=t@t", *words],
            env=self.env, capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
        return done.stdout

    def put(self, path: str, text: str) -> Path:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        return target

    def commit(self) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "x")

    def check(self, *words: str, json: bool = True, cwd: str = ".") -> Said:
        argv = [str(PROGRAM), "skill", "check", *words, *(["--json"] if json else [])]
        done = subprocess.run(
            argv, env=self.env, cwd=self.root / cwd, capture_output=True, text=True, timeout=110,
            stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        return Said(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    (tmp_path / "repo").mkdir()
    made = Repo(tmp_path / "repo")
    made.git("init", "-q", "-b", "main")
    made.put("old.py", BROKEN + "x = 1\n")
    made.commit()
    return made


# --- which change --------------------------------------------------------------------------------


def test_only_what_was_added_is_reported_and_blocks(repo: Repo) -> None:
    repo.put("old.py", BROKEN + "x = 1\n" + BROKEN)
    repo.put("new/deep.py", "y = 1\n" + BROKEN)
    said = repo.check(*SKILL)
    assert said.places == [("new/deep.py", 2), ("old.py", 3)]
    assert said.code == 1
    assert set(said.json) == {"ok", "findings", "waivers", "inconclusive", "ran", "notes"}
    first = said.json["findings"][0]
    assert (first["check"], first["skill"]) == (CHECK, "debugging-workflow")
    assert (first["severity"], said.json["ok"]) == ("block", False)
    assert first["says"]


def test_waiver_that_does_nothing_is_told(repo: Repo) -> None:
    repo.put(
        "a.py", f"x = 1  # skill-ok: {CHECK}\n# skill-ok: no-such-check because\n# skill-ok:\n"
    )
    said = repo.check(*SKILL)
    assert (said.code, said.json["ok"]) == (0, True)
    assert [(one["path"], one["line"], one["check"]) for one in said.json["notes"]] == [
        ("a.py", 1, CHECK), ("a.py", 2, "no-such-check"), ("a.py", 3, ""),
    ]  # fmt: skip
    told = repo.check(*SKILL, json=False).out
    assert "note: a.py:1: skill-ok without a reason does nothing" in told
    assert "note: a.py:2: skill-ok names no known check: 'no-such-check'" in told


def test_waiver_of_a_check_that_did_not_run_is_no_note(repo: Repo) -> None:
    repo.put("a.py", f"{BROKEN[:-1]}  # skill-ok: {CHECK} a tool for people\n")
    repo.put("b.md", "Write `skill-ok: CHECK REASON` above it, or skill-ok: CHECK REASON.\n")
    assert repo.check("--skill", "python").json["notes"] == []
    said = repo.check(*SKILL)
    assert (said.json["notes"], len(said.json["waivers"])) == ([], 1)


def test_nothing_new_is_content(repo: Repo) -> None:
    said = repo.check(*SKILL)
    assert (said.code, said.places, said.json["ok"]) == (0, [], True)


def test_no_home_and_no_file_is_made(repo: Repo) -> None:
    repo.put("new.py", BROKEN)
    before = sorted(repo.root.parent.rglob("*"))
    repo.check()
    assert sorted(repo.root.parent.rglob("*")) == before


def test_everything_since_the_branch_left_main_counts(repo: Repo) -> None:
    repo.git("checkout", "-q", "-b", "topic")
    repo.put("new.py", BROKEN)
    repo.commit()
    repo.git("checkout", "-q", "main")
    repo.put("other.py", BROKEN)
    repo.git("add", "other.py")
    repo.git("commit", "-q", "-m", "on main")
    repo.git("checkout", "-q", "topic")
    repo.put("new.py", BROKEN + BROKEN)
    assert repo.check(*SKILL).places == [("new.py", 1), ("new.py", 2)]
    assert repo.check(*SKILL, "--base", "HEAD").places == [("new.py", 2)]


def test_main_branch_of_the_remote_goes_first(repo: Repo, tmp_path: Path) -> None:
    repo.git("clone", "-q", "--bare", str(repo.root), str(tmp_path / "far.git"))
    repo.git("remote", "add", "origin", str(tmp_path / "far.git"))
    repo.git("fetch", "-q", "origin")
    repo.git("remote", "set-head", "origin", "main")
    repo.put("new.py", BROKEN)
    repo.commit()  # on main, not pushed
    assert repo.check(*SKILL).places == [("new.py", 1)]
    assert repo.check(*SKILL, "--base", "origin/main").places == [("new.py", 1)]


def test_repository_without_a_commit_is_looked_at_whole(tmp_path: Path) -> None:
    (tmp_path / "repo").mkdir()
    repo = Repo(tmp_path / "repo")
    repo.git("init", "-q", "-b", "work")
    repo.put("a.py", BROKEN)
    repo.git("add", "a.py")
    repo.put("b.py", BROKEN)
    assert repo.check(*SKILL).places == [("a.py", 1), ("b.py", 1)]
    assert repo.check(*SKILL, "--staged").places == [("a.py", 1)]


def test_staged_looks_at_the_index_alone(repo: Repo) -> None:
    repo.put("a.py", "x = 1\n" + BROKEN)
    repo.git("add", "a.py")
    repo.put("a.py", "x = 1\n")  # mended, but not staged
    repo.put("b.py", BROKEN)  # never staged
    said = repo.check(*SKILL, "--staged")
    assert said.places == [("a.py", 2)]
    assert repo.check(*SKILL).places == [("b.py", 1)]


def test_ignored_files_and_repositories_inside_are_left_alone(repo: Repo) -> None:
    repo.put(".gitignore", "skip.py\n")
    repo.put("skip.py", BROKEN)
    inner = Repo(repo.root / "inner")
    inner.put("a.py", BROKEN)
    inner.git("init", "-q")
    assert repo.check(*SKILL).places == []


def test_works_from_a_folder_below(repo: Repo) -> None:
    repo.put("sub/a.py", BROKEN)
    assert repo.check(*SKILL, cwd="sub").places == [("sub/a.py", 1)]


def test_names_with_spaces_quotes_and_umlauts(repo: Repo) -> None:
    names = ["a b.py", 'q"uote.py', "ümlaut.py", "tab\there.py", "back\\slash.py", "++ b.py"]
    for name in names:
        repo.put(name, BROKEN)
    repo.git("add", "-A")
    assert sorted(path for path, _ in repo.check(*SKILL).places) == sorted(names)


def test_lines_that_look_like_a_patch_lead_nowhere_else(repo: Repo) -> None:
    repo.put("old.py", BROKEN + "x = 1\n++ b/old.py\n@@ -1 +1 @@\n")
    assert repo.check(*SKILL).places == []


# --- what it says --------------------------------------------------------------------------------


def test_waiver_is_listed_and_lets_pass(repo: Repo) -> None:
    repo.put("new.py", f"{BROKEN.strip()}  # skill-ok: {CHECK} shown to pupils\n")
    said = repo.check(*SKILL)
    assert (said.code, said.json["findings"]) == (0, [])
    assert said.json["waivers"][0]["reason"] == "shown to pupils"
    text = repo.check(*SKILL, json=False)
    assert f"waived new.py:1  {CHECK}  shown to pupils" in text.out


def test_text_is_grouped_by_file_and_without_colour_in_a_pipe(repo: Repo) -> None:
    repo.put("new.py", "x = '\x1b[31m'\n" + BROKEN + "y = 1\n" + BROKEN)
    said = repo.check(*SKILL, json=False)
    lines = said.out.splitlines()
    assert lines[0] == "new.py"
    assert lines[1].startswith(f"  new.py:2  [block] {CHECK}  ")
    assert "2 findings, 2 of them blocking" in lines[-1]
    assert "\x1b" not in said.out


def test_sarif_is_written_beside(repo: Repo, tmp_path: Path) -> None:
    repo.put("new.py", BROKEN)
    target = tmp_path / "out.sarif"
    assert repo.check(*SKILL, "--sarif", str(target)).code == 1
    run = json.loads(target.read_text())["runs"][0]
    assert run["results"][0]["ruleId"] == CHECK


@pytest.mark.parametrize(
    "words, code, exit_code",
    [
        (("--base", "no-such"), "unknown-base", 2),
        (("--base", "--output=x"), "unknown-base", 2),
        (("--skill", "debugging-workflo"), "unknown-skill", 2),
        (("--skill", "../../etc"), "unknown-skill", 2),
    ],
)
def test_wrong_words_are_told(
    repo: Repo, words: tuple[str, ...], code: str, exit_code: int
) -> None:
    said = repo.check(*words)
    assert (said.code, said.json["error"]["code"]) == (exit_code, code)


def test_outside_of_a_repository(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    said = Repo(tmp_path / "plain").check()
    assert (said.code, said.json["error"]["code"]) == (2, "not-a-repository")


def test_selftest_works_anywhere(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    said = Repo(tmp_path / "plain").check("--selftest", *SKILL)
    assert (said.code, said.json["ok"]) == (0, True)
    assert said.json["skills"][0]["proved"] > 0


# --- which skills --------------------------------------------------------------------------------


def test_frozen_skill_of_the_lock_is_used_and_its_commands_are_not(repo: Repo) -> None:
    from sps.model.skills import lock_text
    from sps.model.skills.lock import LockedFile, LockedSkill, Placement, SkillsLock

    maker = SkillMaker(repo.root / ".agents" / "skills", "ours")
    maker.ast()
    maker.check("command", f"command: {{run: 'touch {repo.root.parent}/ran'}}", key="run")
    locked = LockedSkill(
        source="path:ours", path=".", digest="0" * 64, verdict="clean",
        placement=Placement.FROZEN, files={"SKILL.md": LockedFile(sha256="0" * 64)},
    )  # fmt: skip
    (repo.root / "skills.lock").write_bytes(lock_text.render(SkillsLock(skills={"ours": locked})))
    repo.commit()
    repo.put("new.py", "fetch(1)\n" + BROKEN)
    said = repo.check()
    assert [one["check"] for one in said.json["findings"]] == ["ours-call"]
    assert [one["check"] for one in said.json["inconclusive"]] == ["ours-run"]
    assert not (repo.root.parent / "ran").exists()


def test_broken_lock_is_told(repo: Repo) -> None:
    repo.put("skills.lock", "{}")
    assert repo.check().json["error"]["code"] == "broken-lock"


# --- hostile repositories ------------------------------------------------------------------------


def hostile(repo: Repo, flag: Path) -> None:
    """Let everything that a repository can name touch a file."""
    script = repo.put(".git/evil.sh", f"#!/bin/sh\ntouch {flag}\ncat\n")
    script.chmod(0o755)
    hooks = repo.root / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-index-change", "fsmonitor-watchman", "pre-commit", "post-checkout"):
        (hooks / name).write_text(script.read_text())
        (hooks / name).chmod(0o755)
    for key in (
        "core.fsmonitor", "core.pager", "diff.external", "diff.evil.command", "diff.evil.textconv",
        "filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "core.sshCommand",
        "core.editor", "interactive.diffFilter", "core.askPass", "alias.diff",
    ):  # fmt: skip
        repo.git("config", key, f"!{script}" if key.startswith("alias") else str(script))
    for key, value in (
        ("filter.evil.required", "true"), ("diff.noprefix", "true"), ("color.ui", "always"),
        ("diff.mnemonicPrefix", "true"), ("core.quotePath", "true"), ("diff.external", str(script)),
        ("diff.interHunkContext", "100"), ("diff.orderFile", "/etc/passwd"),
        ("status.short", "true"), ("diff.relative", "true"), ("diff.submodule", "diff"),
    ):  # fmt: skip
        repo.git("config", key, value)
    (repo.root / ".git" / "info" / "attributes").write_text("* filter=evil diff=evil\n")


def test_nothing_that_a_hostile_repository_names_is_run(repo: Repo, tmp_path: Path) -> None:
    repo.put("sub/old.py", "a = 1\nb = 2\nc = 3\n")
    repo.commit()
    flag = tmp_path / "evil-ran"
    repo.put("sub/staged.py", BROKEN)
    repo.git("add", "sub/staged.py")
    hostile(repo, flag)
    repo.put("sub/old.py", "a = 1\n" + BROKEN + "b = 2\nc = 3\n" + BROKEN)
    repo.put("sub/new.py", BROKEN)
    everything = [("sub/new.py", 1), ("sub/old.py", 2), ("sub/old.py", 5), ("sub/staged.py", 1)]
    assert repo.check(*SKILL).places == everything
    assert repo.check(*SKILL, cwd="sub").places == everything
    assert repo.check(*SKILL, "--staged").places == [("sub/staged.py", 1)]
    assert not flag.exists()
    argv = ["git", "-C", str(repo.root), "status"]
    subprocess.run(argv, env=repo.env, capture_output=True, timeout=60, check=False)
    assert flag.exists(), "the trap was none"


def test_attribute_that_makes_code_binary_hides_nothing(repo: Repo) -> None:
    repo.put("a and b.py", "x = 1\n")
    repo.commit()
    repo.put(".gitattributes", "*.py -diff\n")
    repo.put("a and b.py", "x = 1\n" + BROKEN)
    assert repo.check(*SKILL).places == [("a and b.py", 2)]


def test_links_lead_nowhere(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text(BROKEN)
    (repo.root / "link.py").symlink_to(tmp_path / "secret.py")
    (repo.root / "folder").symlink_to(tmp_path)
    assert repo.check(*SKILL).places == []
    repo.git("add", "-A")
    assert repo.check(*SKILL, "--staged").places == []


# --- a large one ---------------------------------------------------------------------------------


def test_thousand_files_report_only_added_lines(repo: Repo) -> None:
    body = "\n\n".join(f"def name_{n}(value):\n    return value + {n}" for n in range(40))
    for number in range(1000):
        repo.put(f"src/part_{number % 20}/m{number}.py", f"{BROKEN}\n\n{body}\n")
    repo.commit()
    repo.git("checkout", "-q", "-b", "topic")
    for number in range(0, 1000, 2):
        with (repo.root / f"src/part_{number % 20}/m{number}.py").open("a") as file:
            file.write("\n\nLAST = 1\n")
    repo.put("src/part_3/m3.py", body + "\n" + BROKEN)
    said = repo.check("--base", "main")
    found = [one for one in said.json["findings"] if one["check"] == CHECK]
    assert [(one["path"], one["line"]) for one in found] == [("src/part_3/m3.py", 120)]
