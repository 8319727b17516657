"""A home, an owner's repository and naive git, for the tests of the vault."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from sps.adapters.git_vault import GitVault
from sps.model.pipeline import Land
from sps.model.project import Identity, Project
from sps.ports.home import Home
from sps.ports.vault import Collected, LandingCommit, Workspace

RUN = "01HZ8Q4V7M0000000000000001"
OTHER_RUN = "01HZ8Q4V7M0000000000000002"
LAND = Land()
AT = 1_700_000_000_000


def naive(*args: str, cwd: Path | str, check: bool = True, stdin: str | None = None) -> str:
    """Run git as a person would, with a configuration of the test's own."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    env |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}
    for who in ("AUTHOR", "COMMITTER"):
        env |= {f"GIT_{who}_NAME": "Dev", f"GIT_{who}_EMAIL": "dev@example.org"}
    done = subprocess.run(
        ["git", "-c", "protocol.file.allow=always", *args],
        cwd=cwd,
        env=env,
        input=stdin,
        text=True,
        capture_output=True,
        timeout=60,
        check=False,
    )
    if check and done.returncode != 0:
        raise AssertionError(f"git {args}: {done.stderr}")
    return done.stdout.strip()


@dataclass
class VaultPlace:
    """One project with its repository `repo` and its vault."""

    root: Path
    vault: GitVault
    home: Home
    project: Project

    @property
    def repo(self) -> Path:
        return Path(self.project.repo)

    @property
    def head(self) -> str:
        return naive("rev-parse", "refs/heads/main", cwd=self.repo)

    def prepare(self) -> tuple[Workspace, Path]:
        workspace = self.vault.prepare(self.project, self.head)
        return workspace, Path(workspace.path)

    def collect(self, workspace: Workspace, run: str = RUN) -> Collected:
        return self.vault.collect(self.project, workspace, run, "Card work")

    def git(self, *args: str) -> str:
        """Ask the vault."""
        return naive(f"--git-dir={self.home.vault(self.project.name)}", *args, cwd=self.root)

    def files(self, commit: str) -> dict[str, str]:
        """Return path -> content of a commit's files."""
        names = self.git("ls-tree", "-r", "-z", "--name-only", commit).split("\0")
        return {name: self.git("cat-file", "blob", f"{commit}:{name}") for name in names if name}

    def commit_file(self, name: str, content: str, cwd: Path | None = None) -> str:
        """Commit one file where a person works."""
        folder = cwd or self.repo
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
        naive("add", "-f", "--", name, cwd=folder)
        naive("commit", "-qm", f"change {name}", cwd=folder)
        return naive("rev-parse", "HEAD", cwd=folder)

    def landing(self, base: str, tip: str, **changes: object) -> LandingCommit:
        tree = self.vault.merge(self.project, base, tip).tree
        values: dict[str, object] = {
            "base": base,
            "tip": tip,
            "tree": tree,
            "subject": "Land a card",
            "trailers": (("SPS-Card", "7"),),
            "at": AT,
            "identity": Identity("Owner", "owner@example.org"),
        }
        return LandingCommit(**(values | changes))  # type: ignore[arg-type]

    def work(self, name: str = "new.txt", content: str = "new\n", run: str = RUN) -> str:
        """Let an agent write one file, and return the tip."""
        workspace, folder = self.prepare()
        (folder / name).write_text(content)
        tip = self.collect(workspace, run).tip
        self.vault.release(self.project, workspace)
        return tip


def make_place(root: Path, *, bare: bool = False, files: int = 3) -> VaultPlace:
    """Make a repository with a few files, and the vault of it."""
    source = root / "source"
    source.mkdir()
    naive("init", "-q", "-b", "main", cwd=source)
    (source / ".gitignore").write_text("*.log\ncache/\n")
    for number in range(files):
        (source / f"file{number}.txt").write_text(f"line {number}\n" * 5)
    (source / "folder").mkdir()
    (source / "folder" / "inner.txt").write_text("inner\n")
    naive("add", "-A", cwd=source)
    naive("commit", "-qm", "first", cwd=source)
    repo = source
    if bare:
        repo = root / "bare.git"
        naive("clone", "-q", "--bare", str(source), str(repo), cwd=root)
    home = Home(root / "home")
    home.root.mkdir(mode=0o700)
    project = Project(
        name="demo",
        id="P1",
        repo=str(repo),
        branch="main",
        agent="scripted",
        identity=Identity("Owner", "owner@example.org"),
        created_at=0,
    )
    vault = GitVault(home)
    vault.create(project)
    return VaultPlace(root, vault, home, project)
