"""A home, a repository and a user in a temporary folder, with real stores, sources and folders."""

from __future__ import annotations

import subprocess
from pathlib import Path

from sps.adapters.skill_folders import DiskSkillFolders
from sps.adapters.skill_sources import OutsideSources
from sps.adapters.skills_dir import SkillsDir
from sps.bootstrap import Wired, open_world
from sps.bootstrap.known_skills import KnownSkills
from sps.services.skills.install import Arrivals, Installing, install_skills
from sps.services.skills.repository import Repository
from sps.services.skills.scope import Scope
from tests.fakes.clock import FakeClock, FakeIds

GIT = {
    "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.org", "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1", "PATH": "/usr/local/bin:/usr/bin:/bin",
}  # fmt: skip


def skill_text(
    name: str, description: str = "Use when it is tested.", body: str = "Rule.\n"
) -> str:
    """Return a SKILL.md."""
    return f"---\nname: {name}\ndescription: {description}\nlicense: MIT\n---\n# {name}\n\n{body}"


def git(folder: Path, *argv: str) -> str:
    """Run git in a folder."""
    done = subprocess.run(
        ["git", *argv], cwd=folder, env=GIT, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout.strip()


class NoLinks(DiskSkillFolders):
    """A file system without links."""

    def link(self, place: Path, target: Path, *, inside: Path | None = None) -> bool:
        return False


class Bench:
    """Everything in `root`: `home`, `user`, `repo` (a Git repository), `library`, `outside`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.user, self.repo = root / "user", root / "repo"
        self.library, self.outside = root / "library", root / "outside"
        for folder in (self.user, self.repo, self.library, self.outside):
            folder.mkdir()
        git(self.repo, "init", "--quiet", "--initial-branch", "main")
        self.world = self._world()
        self.scope = self.scope_of(self.repo)

    def _world(self) -> Wired:
        world = open_world(self.root / "home", create=True)
        sources = OutsideSources(
            library=self.library, cache=world.home.skill_cache, environment=GIT, base=self.root
        )
        own, stored, library = (
            SkillsDir((folder,))
            for folder in (world.home.skills, world.home.skill_store, self.library)
        )
        vars(world).update(clock=FakeClock(), ids=FakeIds(), skill_sources=sources)
        known = KnownSkills(own, world.skill_store, stored, library, home=world.home.skills)
        vars(world).update(skills=known)
        return world

    def scope_of(self, repo: Path, *, dry: bool = False) -> Scope:
        """Return the scope of another repository, or of a call that changes nothing."""
        repository = Repository(repo, dry=dry)
        return Scope(world=self.world, repository=repository, user=self.user, environment={})

    def skill(
        self, name: str, *, under: Path | None = None, files: dict[str, str] | None = None,
        **text: str,
    ) -> Path:  # fmt: skip
        """Write a skill into `outside`, or below another folder."""
        folder = (under or self.outside) / name
        for path, content in {"SKILL.md": skill_text(name, **text), **(files or {})}.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(content)
        return folder

    def bundled(self, name: str, **text: str) -> Path:
        """Write a skill into the bundled library."""
        return self.skill(name, under=self.library, **text)  # type: ignore[arg-type]

    def install(self, folder: Path | str, *, trust: bool = True, **how: object) -> Arrivals:
        """Install a source, trusted unless told otherwise."""
        return install_skills(self.scope, str(folder), Installing(trust=trust, **how))  # type: ignore[arg-type]

    def place(self, name: str, folder: str = ".agents/skills") -> Path:
        """Return where a skill of the repository lies."""
        return self.repo / folder / name

    def status(self) -> list[str]:
        """Return what Git sees that is not committed."""
        text = git(self.repo, "status", "--porcelain", "--untracked-files=all")
        return [line[3:] for line in text.splitlines()]
