"""The landing target: a branch of the owner's repository, or of its remote `origin`."""

from __future__ import annotations

import hashlib
import os
import re
import shlex
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from sps.adapters.git_vault.git import Inner, Outer, words
from sps.adapters.git_vault.heads import claimants
from sps.adapters.git_vault.lock import folder_locked
from sps.adapters.git_vault.names import branch_ref, is_id
from sps.adapters.git_vault.owners_config import Entry, OwnersConfig, owners_config
from sps.adapters.git_vault.remote_words import Meaning, meaning
from sps.lib.process import Finished
from sps.model.errors import Absent, WorkFailed
from sps.model.pipeline import Land, LandTarget
from sps.model.project import Project
from sps.model.reason import REMOTE_LOGIN, REMOTE_UNREACHABLE

_ANSWER = re.compile(rb"^(?:[ =*+-]\t|!\t.*\[(?:remote )?rejected\])", re.MULTILINE)
_LOCK_SECONDS = 150.0


@dataclass(frozen=True)
class Target:
    """One branch somewhere. `where` is a path or a url as git takes it; `settings` is what the
    owner's repository adds to the way there."""

    outer: Outer
    inner: Inner
    repo: str
    where: str
    ref: str
    local: bool
    settings: tuple[Entry, ...] = ()

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

    def knock(self) -> None:
        """Ask whether the target would speak with us about a push; nothing is written on either
        side. Raises as `commit` does."""
        self.commit()
        known = read_ref(self.inner.gitdir, self.ref)
        if self.local or known is None:
            return
        options = ("--dry-run", "--porcelain", "--no-verify")
        finished = self.run("push", *options, "--", self.where, f"{known}:{self.ref}")
        if not answered(finished):
            self.check("push", finished)

    def follow(self) -> bool:
        """Let the vault's copy of the branch be what the target is; tell whether it changed."""
        before = read_ref(self.inner.gitdir, self.ref)
        if self.local and before == self._local_commit():
            return False
        with self._copy_held():
            self._fetch()
        return read_ref(self.inner.gitdir, self.ref) != before

    def moved_to(self, commit: str) -> None:
        """Let the vault's copy be a commit of the vault that the target has been seen at."""
        with self._copy_held():
            self.inner.run("update-ref", self.ref, commit)

    def _copy_held(self) -> AbstractContextManager[None]:
        """Hold the vault's copy: of two changes at the same time git lets one fail, for the ref
        moved under its hands."""
        return folder_locked(self.inner.gitdir, seconds=_LOCK_SECONDS, stop=self.outer.reins.stop)

    def _fetch(self) -> None:
        finished = self.run(
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-write-fetch-head",
            "--no-auto-maintenance",
            "--update-shallow",
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
        return self.outer.run(
            command, *args, gitdir=self.inner.gitdir, cwd=self.repo, settings=self.settings
        )

    def check(self, command: str, finished: Finished) -> None:
        """Raise what a failed command means."""
        if finished.code == 0 and not finished.timed_out:
            return
        said = without_password(words(finished))
        if finished.timed_out:
            said = f"no answer within {self.outer.timeout:.0f} s"
        means = Meaning.UNREACHABLE if finished.timed_out else meaning(said)
        if means is Meaning.GONE:
            raise self.missing(said)
        if means is Meaning.PARTIAL and self.local:
            raise self._partial()
        raise self.trouble(means, f"git {command} of {self.shown}: {said}")

    def _partial(self) -> Absent:
        return Absent(
            "partial-clone",
            f"{self.repo} is a partial clone, and objects that its history needs are missing there:"
            " git fetches those for nobody else",
            hint=f"git -C {shlex.quote(self.repo)} fetch --refetch --no-filter origin",
        )

    def trouble(self, means: Meaning, says: str) -> WorkFailed:
        """Return the failure of a command that did not reach its end."""
        if self.local:
            return WorkFailed("git-failed", says)
        by_hand = f"git -C {shlex.quote(self.repo)} ls-remote origin"
        if means is Meaning.LOGIN:
            return WorkFailed(REMOTE_LOGIN, says, hint=by_hand)
        if means is Meaning.UNREACHABLE:
            return WorkFailed(REMOTE_UNREACHABLE, says, hint=by_hand)
        return WorkFailed("git-failed", says)

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
    seen = config_of(project.repo, outer)
    # Where is pushed to is the one place: what is read back must be what was moved.
    where = seen.first("remote.origin.pushurl") or seen.first("remote.origin.url")
    if not where:
        raise Absent("target-missing", f"the repository {project.repo} has no remote named origin")
    known = owners_config(outer, inner.gitdir, project.repo)
    settings = seen.reaching(known)
    return Target(outer, inner, project.repo, where, ref, local=False, settings=settings)


def mark(target: Target, keys: bytes) -> str:
    """Return what `Vault.mark` promises; `keys` are those that an agent holds. Raises
    `Absent("target-missing")`."""
    common = target.folder()
    known = read_ref(common if target.local else target.inner.gitdir, target.ref)
    config = config_of(target.repo, target.outer)
    key = os.path.expanduser(config.last("user.signingkey") or "")
    seen = (target.where, known, claimants(common, target.ref), config.entries, _look(key), keys)
    return hashlib.sha256(repr(seen).encode()).hexdigest()


def _look(path: str) -> tuple[int, int]:
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return 0, 0
    return found.st_mtime_ns, found.st_size


def config_of(repo: str, outer: Outer) -> OwnersConfig:
    """Return the configuration in force in the owner's repository. Raises
    `Absent("target-missing")`."""
    common = common_dir(repo)
    if common is None:
        raise Absent("target-missing", f"the repository is gone: {repo}")
    return owners_config(outer, common, repo)


def answered(finished: Finished) -> bool:
    """Whether the other side itself said what became of a push: done, refused or nothing to do."""
    return _ANSWER.search(finished.out) is not None


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
