"""The owner's work tree that has the target checked out: what keeps a landing away from it, and
taking back half of one that was cut off."""

from __future__ import annotations

import os
import re
import shlex
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sps.adapters.git_vault.heads import under_way
from sps.adapters.git_vault.target import Target
from sps.lib.process import Finished

# What says whether there is a work tree, or where else that may be said.
_SAID = re.compile(rb"bare\s*=\s*\w+|\bbare\b|include|worktreeconfig", re.IGNORECASE)


@dataclass(frozen=True)
class Checkout:
    """The files of one work tree, and the git dir that belongs to them."""

    target: Target
    gitdir: Path
    tree: Path

    def in_the_way(self, commit: str, expected: str) -> str | None:
        """Say what of the owner's keeps the target from moving from `expected` to `commit` here, as
        far as git would not find it out before it has changed something."""
        if not self.tree.is_dir():
            prune = f"git -C {shlex.quote(self.target.repo)} worktree prune"
            return f"the folder of this work tree is gone; if for good, type {prune}"
        begun = under_way(self.gitdir, self.target.ref)
        if begun is not None:
            return f"a {begun} of the branch has begun there: end it first"
        for lock in self._locks():
            if lock.exists():
                return f"git is at work there, or was killed and left {lock}: then remove that"
        if self.gitdir.name != ".git" and not _pointer(self.gitdir).is_file():
            return (
                f"its git dir lies elsewhere, at {self.gitdir}, from where git updates no files:"
                " check out another branch"
            )
        found = next(self._overwritten(commit, expected), None)
        return found and f"the landing would overwrite {found}, which git does not track"

    def take_back(self, commit: str, expected: str) -> bool:
        """Make the files those of `expected` again where a push has made them those of `commit` and
        moved no branch; tell whether it was so. Changes of the owner's are left alone."""
        if not self.tree.is_dir() or under_way(self.gitdir, self.target.ref) is not None:
            return False
        if self._git("diff-index", "--cached", "--quiet", commit, "--").code != 0:
            return False
        return self._git("read-tree", "-u", "-m", commit, expected).code == 0

    def _git(self, command: str, *args: str) -> Finished:
        return self.target.outer.run(command, *args, gitdir=self.gitdir, cwd=str(self.tree))

    def _locks(self) -> tuple[Path, ...]:
        of_branch = self.target.folder() / f"{self.target.ref}.lock"
        return self.gitdir / "index.lock", self.gitdir / "HEAD.lock", of_branch

    def _overwritten(self, commit: str, expected: str) -> Iterator[str]:
        """Give what lies, not tracked, where files would come. Git looks only for what it does not
        ignore: the rest it would overwrite."""
        come, gone = _changed(self.target, commit, expected)
        for path in come:
            yield from _lying_at(self.tree, path, gone)


def checkout_of(target: Target, gitdirs: Sequence[str]) -> Checkout | None:
    """Return the work tree among git dirs that name the target's branch; None when there is none,
    for a bare repository has no files."""
    if not gitdirs:
        return None
    gitdir = Path(gitdirs[-1])  # a bare repository comes before its work trees
    pointer = _pointer(gitdir)
    if pointer.is_file():
        text = pointer.read_text(encoding="utf-8", errors="surrogateescape")
        return Checkout(target, gitdir, (gitdir / text.strip()).parent)
    if is_bare(target, gitdir):
        return None
    return Checkout(target, gitdir, gitdir.parent if gitdir.name == ".git" else Path(target.repo))


def is_bare(target: Target, folder: Path) -> bool:
    """Whether a repository has no work tree of its own. Git is asked only where the file does not
    say it plainly, as it does nearly always."""
    if _SAID.findall(_config(folder)) == [b"bare = false"]:
        return False
    finished = target.outer.run("config", "--bool", "core.bare", gitdir=folder, cwd=target.repo)
    return finished.out.strip() == b"true"


def _config(folder: Path) -> bytes:
    try:
        return (folder / "config").read_bytes()
    except OSError:
        return b""


def _pointer(gitdir: Path) -> Path:
    """Return the file in which the git dir of a linked work tree says where that is."""
    return gitdir / "gitdir"


def _changed(target: Target, commit: str, expected: str) -> tuple[list[str], frozenset[str]]:
    """Return the paths that come and those that go."""
    args = ("-r", "-z", "--no-renames", "--name-status", "--diff-filter=AD", expected, commit)
    fields = target.inner.run("diff-tree", *args).out.split(b"\0")
    pairs = list(zip(fields[::2], map(os.fsdecode, fields[1::2]), strict=False))
    come = [path for kind, path in pairs if kind == b"A"]
    return come, frozenset(path for kind, path in pairs if kind == b"D")


def _lying_at(tree: Path, path: str, gone: frozenset[str]) -> Iterator[str]:
    """Give the files at a path, below it, or in place of one of its folders, but for those that go
    anyway."""
    name, mode = _met(tree, path)
    if not mode or name in gone or not _to_the_letter(tree / name):
        return
    if not stat.S_ISDIR(mode):
        yield name
        return
    for folder, below, files in os.walk(tree / path):
        links = [name for name in below if os.path.islink(os.path.join(folder, name))]
        for name in (*files, *links):
            inside = os.path.relpath(os.path.join(folder, name), tree)
            if inside not in gone:
                yield inside


def _met(tree: Path, path: str) -> tuple[str, int]:
    """Return what is met on the way to a path: the first part of it that is no folder, else the
    path itself, and what that is; 0 when it is nothing."""
    end = path.find("/")
    while True:
        name = path if end < 0 else path[:end]
        try:
            mode = os.lstat(tree / name).st_mode
        except OSError:
            return name, 0
        if end < 0 or not stat.S_ISDIR(mode):
            return name, mode
        end = path.find("/", end + 1)


def _to_the_letter(path: Path) -> bool:
    """Whether a folder has a name spelled so: another spelling of it is git's to judge."""
    try:
        return path.name in os.listdir(path.parent)
    except OSError:
        return False
