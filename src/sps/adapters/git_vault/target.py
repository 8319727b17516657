"""The landing target: a branch of the owner's repository, or of its remote `origin`."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from sps.adapters.git_vault.git import Inner, Outer, words
from sps.adapters.git_vault.lock import folder_locked
from sps.adapters.git_vault.names import branch_ref, is_id
from sps.lib.process import Finished
from sps.model.errors import Absent, WorkFailed
from sps.model.pipeline import Land, LandTarget
from sps.model.project import Project

_GONE = re.compile(
    r"couldn't find remote ref|does not appear to be a git repository|not a git repository"
    r"|No such file or directory|[Rr]epository .*not found"
)
_LOCK_SECONDS = 150.0


@dataclass(frozen=True)
class Target:
    """One branch somewhere. `where` is a path or a url as git takes it."""

    outer: Outer
    inner: Inner
    repo: str
    where: str
    ref: str
    local: bool

    def commit(self) -> str:
        """Return where the branch is. Raises `Absent("target-missing")`,
        `WorkFailed("git-failed")`."""
        if self.local:
            return self._local_commit()
        finished = self.run("ls-remote", "--refs", "--", self.where, self.ref)
        self.check("ls-remote", finished)
        for line in finished.out.decode("utf-8", "replace").splitlines():
            name, _, ref = line.partition("\t")
            if ref == self.ref and is_id(name):
                return name
        raise self.missing("the branch is gone")

    def follow(self) -> bool:
        """Let the vault's copy of the branch be what the target is; tell whether it changed."""
        before = read_ref(self.inner.gitdir, self.ref)
        if self.local and before == self._local_commit():
            return False
        # Of two fetches at the same time git lets one fail: the copy moved under its hands.
        with folder_locked(self.inner.gitdir, seconds=_LOCK_SECONDS, stop=self.outer.reins.stop):
            self._fetch()
        return read_ref(self.inner.gitdir, self.ref) != before

    def _fetch(self) -> None:
        finished = self.run(
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-write-fetch-head",
            "--no-auto-maintenance",
            "--refmap=",
            "--",
            self.where,
            f"+{self.ref}:{self.ref}",
        )
        self.check("fetch", finished)

    def run(self, command: str, *args: str) -> Finished:
        """Run the owner's git on the vault."""
        if not os.path.isdir(self.repo):
            raise self.missing("the repository is gone")
        return self.outer.run(command, *args, gitdir=self.inner.gitdir, cwd=self.repo)

    def check(self, command: str, finished: Finished) -> None:
        """Raise what a failed command means."""
        if finished.timed_out:
            raise WorkFailed(
                "git-failed", f"git {command} of {self.shown} took longer than its time"
            )
        if finished.code == 0:
            return
        said = without_password(words(finished))
        if _GONE.search(said):
            raise self.missing(said)
        raise WorkFailed("git-failed", f"git {command} of {self.shown}: {said}")

    def missing(self, why: str) -> Absent:
        branch = self.ref.removeprefix("refs/heads/")
        return Absent("target-missing", f"branch {branch} of {self.shown} cannot be found: {why}")

    @property
    def shown(self) -> str:
        return without_password(self.where)

    def folder(self) -> Path:
        """Return the git dir that holds a local target's branches."""
        common = common_dir(self.repo)
        if common is None:
            raise self.missing("the repository is gone")
        return common

    def _local_commit(self) -> str:
        common = self.folder()
        found = read_ref(common, self.ref)
        if found is not None:
            return found
        finished = self.outer.run(
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            self.ref,
            gitdir=common,
            cwd=self.repo,
        )
        name = finished.out.decode("ascii", "replace").strip()
        if finished.code != 0 or not is_id(name):
            raise self.missing(words(finished) if finished.err else "the branch is gone")
        return name


def without_password(text: str) -> str:
    """Return a text in which urls name no user and no password."""
    return re.sub(r"//[^/@\s]*@", "//", text)


def target_of(project: Project, land: Land, outer: Outer, inner: Inner) -> Target:
    """Return the landing target of a project. Raises `Absent("target-missing")` when it is
    `origin` and the repository has none, `Misuse("bad-branch")`."""
    ref = branch_ref(land.branch or project.branch)
    if land.to is LandTarget.REPO:
        return Target(outer, inner, project.repo, project.repo, ref, local=True)
    where = _origin(project.repo, outer)
    if not where:
        raise Absent("target-missing", f"the repository {project.repo} has no remote named origin")
    return Target(outer, inner, project.repo, where, ref, local=False)


def _origin(repo: str, outer: Outer) -> str:
    common = common_dir(repo)
    if common is None:
        raise Absent("target-missing", f"the repository is gone: {repo}")
    finished = outer.run("config", "--local", "--get", "remote.origin.url", gitdir=common, cwd=repo)
    return finished.out.decode("utf-8", "replace").strip()


def common_dir(repo: str) -> Path | None:
    """Return the git dir that holds a repository's branches: of a work tree, a linked work tree or
    a bare repository. None when there is none."""
    gitdir = Path(repo) / ".git"
    if gitdir.is_file():
        text = gitdir.read_text(encoding="utf-8", errors="surrogateescape")
        gitdir = Path(repo) / text.removeprefix("gitdir:").strip()
    elif not gitdir.is_dir():
        gitdir = Path(repo)
    common = gitdir / "commondir"
    if common.is_file():
        gitdir /= common.read_text(encoding="utf-8", errors="surrogateescape").strip()
    return gitdir if (gitdir / "objects").is_dir() else None


def read_ref(gitdir: Path, ref: str) -> str | None:
    """Return the object id of a ref, read from its file or from the packed ones. None when it is
    not there in that form (absent, symbolic, other storage)."""
    try:
        text = (gitdir / ref).read_text(encoding="ascii", errors="replace").strip()
        return text if is_id(text) else None
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        pass
    try:
        packed = (gitdir / "packed-refs").read_bytes()
    except FileNotFoundError:
        return None
    found = re.search(
        rb"^([0-9a-f]{40,64}) " + re.escape(ref.encode()) + rb"$", packed, re.MULTILINE
    )
    return found[1].decode() if found and is_id(found[1].decode()) else None
