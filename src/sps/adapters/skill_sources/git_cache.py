"""Bare repositories of ours, one for each address, that keep every commit fetched so far."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

from sps.adapters.skill_sources import address
from sps.adapters.skill_sources.address import Address
from sps.adapters.skill_sources.git import Git
from sps.lib import disk_tree, lock, terminal
from sps.lib.process import Finished
from sps.model.errors import Absent, Held, Misuse, WorkFailed

_ALL = ("+refs/heads/*:refs/sps/all/heads/*", "+refs/tags/*:refs/sps/all/tags/*")
_UNBOUNDED = 2147483647  # what git takes for the whole history
_LEFT_LOCKED = re.compile(rb"Unable to create '[^'\n]+\.lock': File exists")


class GitCache:
    """The folder of these repositories."""

    def __init__(self, folder: Path, git: Git, *, lock_seconds: float = 150.0) -> None:
        self._folder = folder
        self._git = git
        self._lock_seconds = lock_seconds

    def commit(self, source: Address, *, offline: bool) -> tuple[Path, str]:
        """Return a repository that has all of a commit, and the commit.

        Raises `Absent("offline")`, `Absent("source-missing")`, `Misuse("source-refused")`.
        """
        gitdir = self._folder / f"{sha256(source.place.encode()).hexdigest()[:32]}.git"
        ref = source.ref or "HEAD"
        if offline or address.is_commit(ref):
            known = self._known(gitdir, ref)
            if known is not None:
                return gitdir, known
        if offline:
            says = f"{source.canonical} was never fetched here, and this is offline"
            raise Absent("offline", terminal.clean(says), hint="repeat without --offline")
        return gitdir, self._fetch(gitdir, source.place, ref)

    def _known(self, gitdir: Path, ref: str) -> str | None:
        return self._commit_of(gitdir, _kept(ref)) if (gitdir / "HEAD").exists() else None

    def _fetch(self, gitdir: Path, place: str, ref: str) -> str:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with lock.held(gitdir.with_suffix(".lock"), seconds=self._lock_seconds):
                return self._fetched(gitdir, place, ref)
        except TimeoutError as err:
            says = f"another process has fetched {place} for {self._lock_seconds:g} s"
            raise Held("source-held", terminal.clean(says), hint="try again") from err

    def _fetched(self, gitdir: Path, place: str, ref: str) -> str:
        if not (gitdir / "HEAD").exists():
            self._made(gitdir)
        specs = (f"+{ref}:{_kept(ref)}",)
        done = self._git.fetch(gitdir, place, specs, depth=1)
        if done.code != 0 and _LEFT_LOCKED.search(done.err):
            # A killed git left this; nothing in a cache is worth a repair.
            self._made(gitdir)
            done = self._git.fetch(gitdir, place, specs, depth=1)
        name = _kept(ref)
        if done.code != 0 and address.is_commit(ref) and not _is_hostile(done):
            # Not every host gives a commit by its id: all that has a name, then.
            done, name = self._git.fetch(gitdir, place, _ALL, depth=_UNBOUNDED), ref
        if done.code != 0 or done.timed_out:
            raise _failed(place, ref, done)
        found = self._commit_of(gitdir, name)
        if found is None:
            raise _no_commit(place, ref)
        self._must(gitdir, "update-ref", _kept(found), found)
        return found

    def _made(self, gitdir: Path) -> None:
        if gitdir.exists():
            disk_tree.remove(gitdir)
        self._git.make(gitdir)

    def _commit_of(self, gitdir: Path, name: str) -> str | None:
        argv = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        done = self._git.read(gitdir, *argv)
        text = done.out.decode("ascii", "replace").strip()
        return text if done.code == 0 and address.is_commit(text) else None

    def _must(self, gitdir: Path, *argv: str) -> None:
        done = self._git.read(gitdir, *argv)
        if done.code != 0:
            raise WorkFailed("git-failed", f"git {argv[0]}: {_words(done)}", where=str(gitdir))


def _kept(ref: str) -> str:
    """Return the ref of ours that remembers what a name was when it was fetched last."""
    if address.is_commit(ref):
        return f"refs/sps/at/{ref}"
    return f"refs/sps/named/{sha256(ref.encode()).hexdigest()[:32]}"


def _words(done: Finished) -> str:
    text = terminal.clean(done.err.decode("utf-8", "replace")).strip()
    return text[-800:] or f"exit status {done.code}"


def _is_hostile(done: Finished) -> bool:
    """Tell whether git refused what it got, rather than not getting it."""
    return b"fsck" in done.err or b"fatal: bad object" in done.err


def _no_commit(place: str, ref: str) -> Misuse | Absent:
    if address.is_commit(ref):
        says = terminal.clean(f"{place} has no commit {ref}")
        return Absent("source-missing", says, hint="name a branch, a tag or a full commit id")
    return address.refused(f"{ref} of {place} is no commit")


def _failed(place: str, ref: str, done: Finished) -> Misuse | Absent:
    name = place if ref == "HEAD" else f"{ref} of {place}"
    if done.timed_out:
        return Absent("source-missing", terminal.clean(f"{name}: git took too long"))
    if _is_hostile(done):
        return address.refused(f"{name} is refused by git: {_words(done)}")
    hint = f"git ls-remote -- {place}"
    says = terminal.clean(f"{name} cannot be fetched: {_words(done)}")
    return Absent("source-missing", says, hint=terminal.clean(hint))
