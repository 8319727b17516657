"""The vault: a bare repository per project that only SPS writes, and the ways in and out of it."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import msgspec

from sps.model.pipeline import Land
from sps.model.project import Identity, Project

CUT = ".shallow"  #: suffix of the file beside a bundle: the commits at which its history is cut off


class TargetState(msgspec.Struct, frozen=True, kw_only=True):
    """The landing target as it is now."""

    commit: str
    fetched: bool  #: whether the vault had to learn new commits


class Workspace(msgspec.Struct, frozen=True, kw_only=True):
    """A throw-away clone (or, for gates and reviews, a plain checkout) from the pool."""

    path: str
    index: str  #: the private index that tells our git what was checked out
    start: str  #: commit or tree it was made from


class Guest(msgspec.Struct, frozen=True, kw_only=True):
    """A folder that an agent finds in its workspace without its being part of the work: neither
    committed nor collected. `path` lies below the workspace, `source` is copied."""

    path: str
    source: str


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A path of a workspace that belongs to the environment: neither committed nor collected. With
    a `source` (a folder or a file outside) the workspace gets a copy of its own."""

    path: str  #: below the workspace, without a link on the way
    source: str = ""  #: empty: nothing is brought
    stamp: str = ""  #: equal stamps: equal sources
    root: str = ""  #: where the source was made; it stands in the files of `mentions`
    mentions: tuple[str, ...] = ()  #: files below `source` in which it becomes the workspace's path


class Collected(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent left behind, now all in the vault."""

    tip: str  #: commit that holds all of it; equals the start when nothing changed
    commits: int  #: commits the agent made itself
    uncommitted: tuple[str, ...]  #: paths that the agent left uncommitted (bounded list)
    salvage: str | None  #: ref of what is kept but not part of the tip (ignored and nested files,
    #: unreachable commits), if anything
    left_out: tuple[str, ...]  #: what the salvage cap kept out, with sizes


class Merge(msgspec.Struct, frozen=True, kw_only=True):
    """A trial merge. On a conflict `tree` holds the files with conflict markers."""

    tree: str
    clean: bool
    messages: str = ""
    paths: tuple[str, ...] = ()


class ChangedFile(msgspec.Struct, frozen=True, kw_only=True):
    """One path of a diff. Modes are git's octal strings, '000000' where absent."""

    path: str
    status: str  #: A, M, D, T, R, C
    old_mode: str
    new_mode: str
    old_path: str = ""


class AddedLine(msgspec.Struct, frozen=True):
    """A line a diff adds: where, and its text without the line end."""

    path: str
    line: int
    text: str


class Diff(msgspec.Struct, frozen=True, kw_only=True):
    """The difference of two trees, bounded: `truncated` says that the text is not whole. `hidden`
    is added text that the lines do not show: in binary files (line 0), and very long lines."""

    files: tuple[ChangedFile, ...]
    text: str
    added: tuple[AddedLine, ...]
    removed: tuple[AddedLine, ...]
    hidden: tuple[AddedLine, ...] = ()
    truncated: bool = False


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """A commit that a landing would bring along, and what it was made on."""

    commit: str
    parent: str  #: its first parent; the empty tree for a commit without one
    words: str  #: whom it names as author and committer, and its message


class LandingCommit(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a landing commit is made of; equal values make the same object id."""

    base: str
    tip: str
    tree: str
    subject: str
    trailers: tuple[tuple[str, str], ...]
    at: int  #: milliseconds; both dates of the commit
    identity: Identity
    sign: str | None = None  #: ssh or gpg: signed with the owner's key, so no two are the same


class PushOutcome(StrEnum):
    """What the landing target answered."""

    LANDED = "landed"  #: read back: the commit is an ancestor of the target
    MOVED = "moved"  #: the target is not at the expected commit any more
    DIRTY = "dirty"  #: the target is checked out, with tracked changes or a file in the way
    LOGIN = "login"  #: the other side does not know who pushes
    REFUSED = "refused"  #: anything else: detail says what the other side said


class Pushed(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of the landing target."""

    outcome: PushOutcome
    detail: str = ""
    where: str = ""  #: DIRTY: the folder of the work tree that has the target checked out


class TargetLog(msgspec.Struct, frozen=True, kw_only=True):
    """The landing target's history as it can be read without fetching."""

    commit: str  #: where the history begins: the target, else the vault's copy of it
    current: bool  #: False: the target is elsewhere, at commits that were never fetched
    holds: frozenset[str]  #: which of the commits asked for are in the history
    carriers: tuple[
        tuple[str, str], ...
    ]  #: (commit, value) of first-parent commits with the trailer


class Vault(Protocol):
    """Git with our own authority only. All methods block (some ms); every process has a timeout.

    Errors: `Absent("git-missing")`, `Absent("target-missing")` (repository or branch is gone),
    `WorkFailed("git-failed")` with git's own words, `WorkFailed` with remote-login or
    remote-unreachable when the host of a remote target is in the way.
    """

    def create(self, project: Project) -> None:
        """Make the vault if it is not there, hermetic, and fetch the target branch into it."""
        ...

    def bundle(self, project: Project, target: Path) -> bool:
        """Write all refs and what they reach into one file; False when there is nothing yet. Of a
        history that is cut off, a file of the same name with the suffix `CUT` says where."""
        ...

    def unbundle(self, project: Project, source: Path) -> None:
        """Make the vault from such a file, and from the one beside it; the repository need not be
        there."""
        ...

    def refresh(self, project: Project, land: Land) -> TargetState:
        """Look at the landing target and let the vault's copy follow it."""
        ...

    def prepare(
        self,
        project: Project,
        commit: str,
        *,
        overlay: str | None = None,
        guests: tuple[Guest, ...] = (),
        kept: tuple[Kept, ...] = (),
    ) -> Workspace:
        """Take a workspace from the pool (or make one) at a commit, with a fresh `.git` of its own
        on branch `sps/work`, HEAD at the commit, remote-tracking ref `origin/<branch>` at the
        vault's target. `overlay`: tree to put into the work tree uncommitted (conflict markers).
        A guest whose path the repository has itself is left out."""
        ...

    def checkout(self, project: Project, tree: str, *, kept: tuple[Kept, ...] = ()) -> Workspace:
        """Take a clean checkout of exactly that tree from the pool, without any `.git`."""
        ...

    def release(self, project: Project, workspace: Workspace) -> None:
        """Give a workspace back to the pool. Only after it was collected."""
        ...

    def abandoned(self, project: Project) -> list[Workspace]:
        """Return the workspaces that were prepared by a process that does not live any more and
        were never released."""
        ...

    def collect(
        self, project: Project, workspace: Workspace, run_id: str, message: str
    ) -> Collected:
        """Bring all commits and all dirty files of a workspace into the vault under
        `refs/sps/runs/<run>` and `refs/sps/salvage/<run>`. Never runs code of the workspace, never
        follows a link out of it. Idempotent: a repetition gives the same refs."""
        ...

    def merge(self, project: Project, base: str, tip: str) -> Merge:
        """Merge in memory. Writes objects only."""
        ...

    def diff(self, project: Project, old: str, new: str, *, ignore_space: bool = False) -> Diff:
        """Compare two commits or trees; no external diff, no textconv, at most 2 MiB of text. With
        `ignore_space` lines that differ only in white space are equal; `files` has them all."""
        ...

    def tree_of(self, project: Project, commit: str) -> str:
        """Return the tree id of a commit (or of a tree)."""
        ...

    def files(self, project: Project, commit: str, patterns: tuple[str, ...]) -> dict[str, str]:
        """Return path -> object id of the files that match a pattern (as a shell's, where `*` also
        matches `/`) or lie below a folder of that name; links and submodules included."""
        ...

    def read_file(self, project: Project, commit: str, path: str, limit: int) -> bytes | None:
        """Return a file's content as of a commit (of a link, its text), None for anything else."""
        ...

    def outside_lfs(self, project: Project, tree: str, paths: tuple[str, ...]) -> tuple[str, ...]:
        """Return those of the paths that the tree gives to Git LFS although they hold content and
        no pointer: landed like that, every clone of the owner would stay dirty."""
        ...

    def merge_base(self, project: Project, one: str, other: str) -> str | None:
        """Return the merge base, None for unrelated histories."""
        ...

    def is_ancestor(self, project: Project, commit: str, of: str) -> bool: ...

    def arrivals(self, project: Project, base: str, tip: str, limit: int) -> tuple[Arrival, ...]:
        """Return the commits that tip has and base has not, newest first, at most `limit`."""
        ...

    def commit_merge(self, project: Project, landing: LandingCommit) -> str:
        """Make the merge commit (parents base, tip) and return its id. This and the next two raise
        `WorkFailed` with sign-no-key, sign-locked or sign-failed when it cannot be signed."""
        ...

    def commit_squash(self, project: Project, landing: LandingCommit) -> str:
        """Make one commit on base with the tree and return its id."""
        ...

    def rebase(self, project: Project, landing: LandingCommit) -> str | None:
        """Replay the commits between the merge base and tip onto base, trailers on the last;
        return the new tip, None when a commit does not apply or the end tree is not `tree`."""
        ...

    def keep(self, project: Project, ref: str, commit: str) -> None:
        """Point a ref below refs/sps/ at a commit, so that it stays reachable."""
        ...

    def forget_trees(self, project: Project, keep: Collection[str], *, before: int) -> int:
        """Take away the refs under which other machines brought merged trees here `before` a time
        (milliseconds), but for these trees, a thousand at most; return how many. What they named
        stays in the vault."""
        ...

    def push(self, project: Project, land: Land, commit: str, expected: str) -> Pushed:
        """Move the landing target from `expected` to `commit` by compare-and-swap; read it back.
        When it raises, the target may hold the commit, now or soon."""
        ...

    def target(self, project: Project, land: Land) -> str:
        """Return where the landing target is now, without fetching."""
        ...

    def knock(self, project: Project, land: Land) -> None:
        """Ask the landing target, without changing it, whether it would speak with us about a
        landing. Raises as `push` does."""
        ...

    def mark(self, project: Project, land: Land) -> str:
        """Return a text that changes when something here does that decides whether the landing
        target takes a landing: where it is, as far as that is known without asking a host; who has
        it checked out; the owner's git configuration; where landings are signed, the keys."""
        ...

    def target_log(
        self, project: Project, land: Land, trailer: str, commits: tuple[str, ...]
    ) -> TargetLog:
        """Read the landing target's history, newest first, without writing anything: which of
        these commits it holds and which commits carry the trailer."""
        ...

    def refs(self, project: Project, prefix: str) -> dict[str, str]:
        """Return the vault's refs below a prefix."""
        ...

    def exists(self, project: Project, commit: str) -> bool: ...

    def fsck(self, project: Project) -> list[str]:
        """Return what is broken in the vault; empty when it is sound."""
        ...

    def pool_path(self, project: Project) -> Path:
        """Return the folder the project's workspaces live in."""
        ...


PLACE = " in "  #: between an owner (home id/project) and the folder of its home


class RepositoryFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What `project init` learns about a repository. `warnings` are sentences for the owner."""

    path: str  #: absolute path of the top level (or of the bare repository)
    branch: str  #: the branch named, else the checked-out one
    commit: str
    identity: Identity
    claimed_by: str | None = None  #: home id and project that registered this repository before
    warnings: tuple[str, ...] = ()


class SetupProposal(msgspec.Struct, frozen=True, kw_only=True):
    """A way to install a repository's dependencies: the command, what it depends on, what it makes,
    and the programs it needs."""

    run: str
    key: tuple[str, ...]
    keep: tuple[str, ...]
    programs: tuple[str, ...]


class Repositories(Protocol):
    """The owner's repositories, read only but for the claim."""

    def inspect(self, path: str, branch: str | None) -> RepositoryFacts:
        """Raise `Misuse` with codes not-a-repository, empty-repository, detached-head,
        missing-branch, shallow-repository; `Absent("git-missing")`."""
        ...

    def claim(self, path: str, owner: str) -> None:
        """Note in the repository's git dir which home and project works on it."""
        ...

    def unclaim(self, path: str, owner: str) -> None: ...

    def git_version(self) -> str:
        """Return the version of the installed git. Raises `Absent("git-missing")`."""
        ...

    def changes(self, path: str, branch: str) -> tuple[str, ...]:
        """Return tracked files with changes that are not committed, when the branch is checked out
        there; at most 20."""
        ...

    def proposals(self, path: str, commit: str) -> list[tuple[str, str, str]]:
        """Return gates that the repository suggests: (name, command, where it was found), read from
        the commit (pyproject, package.json, Makefile, go.mod, Cargo.toml, pre-commit, husky,
        lefthook, CI files; one level down too)."""
        ...

    def setups(self, path: str, commit: str) -> list[SetupProposal]:
        """Return how dependencies are installed, as the lock files of the commit say (uv, Poetry,
        pip, npm, pnpm, Yarn, Go, Cargo; one level down too)."""
        ...
