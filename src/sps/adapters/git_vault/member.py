"""The vault of a machine that works for a home elsewhere: a copy that fetches from the home's vault
what it lacks, and sends there what agents made before anybody hears of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from sps.adapters.git_vault import target as targets
from sps.adapters.git_vault.git import words
from sps.adapters.git_vault.lock import folder_locked
from sps.adapters.git_vault.names import RUNS, SALVAGE, TREES, branch_ref, is_id, object_id
from sps.adapters.git_vault.pool import Pool
from sps.adapters.git_vault.target import without_password
from sps.adapters.git_vault.vault import GitVault
from sps.lib.reins import Reins
from sps.model.errors import Absent, Misuse, SpsError, WorkFailed
from sps.model.pipeline import Land
from sps.model.project import Project
from sps.ports.home import Home
from sps.ports.vault import (
    Arrival,
    Collected,
    Diff,
    Guest,
    Kept,
    Merge,
    TargetState,
    Workspace,
)

_LOCK_SECONDS = 150.0
_PLACE = re.compile(r"(?:/|ssh://)[^\s\0]+")


def checked_place(text: str) -> str:
    """Return where a home keeps its vaults: an absolute folder, or an ssh:// URL of one. Raises
    `Misuse("bad-vaults")`."""
    if not _PLACE.fullmatch(text) or "::" in text or "://-" in text:
        raise Misuse(
            "bad-vaults",
            f"the home's vaults cannot be at {without_password(text)[:200]!r}",
            hint="--vaults /path/to/home/projects, or ssh://user@host/path/to/home/projects",
        )
    return text.rstrip("/")


class MemberVault(GitVault):
    """Implements `sps.ports.vault.Vault` but for landing, which is the home's. `place` says where
    the home's vaults lie; it may raise `Absent("no-vaults")`."""

    def __init__(self, home: Home, place: Callable[[], str], *, reins: Reins | None = None) -> None:
        super().__init__(home, reins=reins)
        self._place = place

    def create(self, project: Project) -> None:
        self._made(project)

    def refresh(self, project: Project, land: Land) -> TargetState:
        ref = branch_ref(land.branch or project.branch)
        vault = self._made(project)
        before = targets.read_ref(vault, ref)
        # Of two fetches at the same time git lets one fail: the copy moved under its hands.
        with folder_locked(vault, seconds=_LOCK_SECONDS, stop=self._outer.reins.stop):
            self._talk(project, "fetch", f"+{ref}:{ref}")
        now = targets.read_ref(vault, ref)
        if now is None:
            raise Absent("target-missing", f"the home's vault of {project.name} has no {ref}")
        return TargetState(commit=now, fetched=now != before)

    def prepare(
        self,
        project: Project,
        commit: str,
        *,
        overlay: str | None = None,
        guests: tuple[Guest, ...] = (),
        kept: tuple[Kept, ...] = (),
    ) -> Workspace:
        self._need(project, commit, *([overlay] if overlay else []))
        return super().prepare(project, commit, overlay=overlay, guests=guests, kept=kept)

    def checkout(self, project: Project, tree: str, *, kept: tuple[Kept, ...] = ()) -> Workspace:
        self._need(project, tree)
        return super().checkout(project, tree, kept=kept)

    def abandoned(self, project: Project) -> list[Workspace]:
        """As the port says; what an earlier life could not send is sent first."""
        found = Pool(self._home.pool(project.name)).abandoned()
        if (self._home.vault(project.name) / "HEAD").is_file():
            self._talk(project, "push", *(f"+{refs}*:{refs}*" for refs in (RUNS, SALVAGE)))
        return found

    def collect(
        self, project: Project, workspace: Workspace, run_id: str, message: str
    ) -> Collected:
        """As the port says; the home's vault has it all when this returns."""
        found = super().collect(project, workspace, run_id, message)
        refs = [*self.refs(project, f"{RUNS}{run_id}"), *([found.salvage] if found.salvage else [])]
        self._talk(project, "push", *(f"+{ref}:{ref}" for ref in refs))
        return found

    def merge(self, project: Project, base: str, tip: str) -> Merge:
        """As the port says; the tree is in the home's vault too, for whoever goes on with it."""
        self._need(project, base, tip)
        merged = super().merge(project, base, tip)
        self._talk(project, "push", f"{merged.tree}:{TREES}{merged.tree}")
        return merged

    def diff(self, project: Project, old: str, new: str, *, ignore_space: bool = False) -> Diff:
        self._need(project, old, new)
        return super().diff(project, old, new, ignore_space=ignore_space)

    def tree_of(self, project: Project, commit: str) -> str:
        self._need(project, commit)
        return super().tree_of(project, commit)

    def files(self, project: Project, commit: str, patterns: tuple[str, ...]) -> dict[str, str]:
        self._need(project, commit)
        return super().files(project, commit, patterns)

    def read_file(self, project: Project, commit: str, path: str, limit: int) -> bytes | None:
        self._need(project, commit)
        return super().read_file(project, commit, path, limit)

    def merge_base(self, project: Project, one: str, other: str) -> str | None:
        self._need(project, one, other)
        return super().merge_base(project, one, other)

    def is_ancestor(self, project: Project, commit: str, of: str) -> bool:
        self._need(project, commit, of)
        return super().is_ancestor(project, commit, of)

    def arrivals(self, project: Project, base: str, tip: str, limit: int) -> tuple[Arrival, ...]:
        self._need(project, base, tip)
        return super().arrivals(project, base, tip, limit)

    def _target(self, project: Project, land: Land) -> targets.Target:
        """Refuse all that needs the landing target: the way there is the home's."""
        says = f"only the home reaches the target of {project.name} ({land.to.value})"
        raise Misuse("not-the-home", says, hint="sps up, in the home")

    def _need(self, project: Project, *names: str) -> None:
        """Fetch objects that this machine has not seen yet."""
        self._made(project)
        git = self._inner(project)
        missing = [
            name
            for name in dict.fromkeys(map(object_id, names))
            if git.run("cat-file", "-e", name, ok=()).code != 0
        ]
        if missing:
            self._talk(project, "fetch", *missing)

    def _made(self, project: Project) -> Path:
        """Make the copy when there is none, of the home's kind."""
        vault = self._home.vault(project.name)
        if not (vault / "HEAD").is_file():
            listed = self._run(project, "ls-remote", "--", self._url(project), "refs/heads/*")
            name = listed.partition("\t")[0]
            if not is_id(name):
                raise Absent("target-missing", f"the home's vault of {project.name} is empty")
            self._init(project, vault, sha256=len(name) == 64)
        return vault

    def _talk(self, project: Project, command: str, *specs: str) -> None:
        quiet = ["--quiet", "--no-tags", "--no-write-fetch-head", "--refmap="]
        options = quiet if command == "fetch" else ["--quiet", "--no-verify"]
        self._run(project, command, *options, "--", self._url(project), *specs)

    def _run(self, project: Project, command: str, *args: str) -> str:
        vault = self._home.vault(project.name)
        gitdir = vault if (vault / "HEAD").is_file() else None
        cwd = str(self._home.root)
        finished = self._outer.run(command, *args, gitdir=gitdir, cwd=cwd)
        if finished.timed_out or finished.code != 0:
            said = "it took too long" if finished.timed_out else words(finished)
            where = without_password(self._url(project))
            raise self._unreached(f"git {command} of {where}: {without_password(said)}")
        return finished.out.decode("utf-8", "replace")

    @staticmethod
    def _unreached(why: str) -> SpsError:
        return WorkFailed("home-unreachable", f"the home's vault does not answer: {why}")

    def _url(self, project: Project) -> str:
        return f"{self._place()}/{project.name}/vault.git"
