"""Landing: move the target by compare-and-swap, then believe only what is read back."""

from __future__ import annotations

import dataclasses
import re
import shlex
from pathlib import Path

from sps.adapters.git_vault.checkout import Checkout, checkout_of, is_bare
from sps.adapters.git_vault.git import words
from sps.adapters.git_vault.heads import claimants, real_ref
from sps.adapters.git_vault.lock import folder_locked
from sps.adapters.git_vault.names import object_id
from sps.adapters.git_vault.objects import read_commit
from sps.adapters.git_vault.remote_words import Meaning, meaning
from sps.adapters.git_vault.target import Target, answered, without_password
from sps.lib import killpoint
from sps.lib.process import Finished
from sps.ports.vault import Pushed, PushOutcome

_DIRTY = re.compile(
    r"[Ww]orking directory has (?:un)?staged changes|[Cc]ould not update working tree"
    r"|Up-to-date check failed|would be overwritten"
)
_UNTRACKED = re.compile(r"Untracked working tree file '([^'\n]{1,300})'")
_OVERLOOKED = re.compile(r"Entry '([^'\n]{1,300})' not uptodate")
_STAGED = re.compile(r"[Ww]orking directory has staged changes")
_SEVERAL = (
    "the branch is checked out in several work trees, and git would update the files of only one; "
    "check out another branch in the others"
)
_MOST_DETAIL = 1000
_LOCK_SECONDS = 150.0
# For this one call the receiving side may update the files of a checked-out branch, if nothing is
# in the way, and runs none of its owner's hooks.
_RECEIVE = (
    "-c receive.denyCurrentBranch=updateInstead -c core.hooksPath=/dev/null -c gc.auto=0 "
    "-c receive.autogc=false -c core.fsync=committed,reference receive-pack"
)


def push(target: Target, commit: str, expected: str) -> Pushed:
    """Move the target from `expected` to `commit`. Raises `Absent("target-missing")`, and
    `WorkFailed` (git-failed, remote-login, remote-unreachable) when nobody can know what became of
    the push: the target may hold the commit then, now or soon."""
    made_on = object_id(expected) in read_commit(target.inner, commit).parents
    if not made_on and not _ancestor(target, expected, commit):
        return Pushed(
            outcome=PushOutcome.REFUSED, detail=f"{commit} does not descend from {expected}"
        )
    killpoint.reach("land-before-push")
    finished = _swap(target, commit, expected)
    if isinstance(finished, Pushed):
        return finished
    killpoint.reach("land-after-push")
    said = (finished.out + b"\n" + finished.err).decode("utf-8", "replace").strip()
    detail = without_password(said)[-_MOST_DETAIL:] or words(finished)
    unanswered = not target.local and not answered(finished)
    if unanswered and not finished.timed_out and meaning(said) is Meaning.LOGIN:
        return Pushed(outcome=PushOutcome.LOGIN, detail=detail)  # it never got as far as a ref
    now = target.commit()
    if now == commit:
        target.moved_to(commit)
        return Pushed(outcome=PushOutcome.LANDED)
    target.follow()
    if _ancestor(target, commit, now):
        return Pushed(outcome=PushOutcome.LANDED)
    if now != expected:
        return Pushed(outcome=PushOutcome.MOVED, detail=detail)
    if unanswered:
        target.check("push", finished)
    if _DIRTY.search(said):
        return Pushed(outcome=PushOutcome.DIRTY, detail=_in_the_way(said), where=_where(target))
    return Pushed(outcome=PushOutcome.REFUSED, detail=detail)


def _in_the_way(said: str) -> str:
    """Say in one line what of the owner's keeps the checked-out branch where it is."""
    named = _UNTRACKED.search(said)
    if named:
        return f"the landing would overwrite {named[1]}, which git does not track"
    told_to = _OVERLOOKED.search(said)
    if told_to:
        return (
            f"{told_to[1]} is changed there, and git was told to overlook that (assume-unchanged or"
            " skip-worktree)"
        )
    what = "changes are staged" if _STAGED.search(said) else "tracked files are changed"
    return f"{what} there, and it is not moved under those, in whichever files they are"


def _where(target: Target) -> str:
    """Return the folder of the work tree that has the target checked out."""
    folder = target.folder().resolve()
    checkout = checkout_of(target, claimants(folder, real_ref(folder, target.ref)))
    return str(checkout.tree) if checkout else target.repo


def _swap(target: Target, commit: str, expected: str) -> Finished | Pushed:
    """Push; or say what is in the way of it, when nothing was pushed."""
    if not target.local:
        return _send(target, commit, expected)
    folder, stop = target.folder().resolve(), target.outer.reins.stop
    real = dataclasses.replace(target, ref=real_ref(folder, target.ref))
    # The receiving git updates files before it swaps the ref. Of two pushes at the same time the
    # loser would leave its files behind, so they come one by one, and the loser does not start.
    with folder_locked(folder, seconds=_LOCK_SECONDS, stop=stop):
        now = target.commit()
        if now != expected:
            return Finished(1, b"", f"the branch is at {now}".encode())
        several = claimants(folder, real.ref)
        if len(several) > 1 and not _bare(real, folder, several):
            return Finished(1, b"", f"{_SEVERAL}: {', '.join(several)}".encode())
        checkout = checkout_of(real, several)
        if checkout is None:
            return _send(real, commit, expected)
        found = checkout.in_the_way(commit, expected)
        if found is not None and checkout.take_back(commit, expected):
            found = checkout.in_the_way(commit, expected)
        if found is not None:
            where = str(checkout.tree)
            return Pushed(outcome=PushOutcome.DIRTY, detail=found, where=where)
        return _update(checkout, commit, expected)


def _update(checkout: Checkout, commit: str, expected: str) -> Finished:
    """Push into a checked-out branch. Files that came without their commit, now or when an earlier
    push of it was killed, go again."""
    target = checkout.target
    finished = _send(target, commit, expected)
    if finished.code == 0 or target.commit() != expected:
        return finished
    there = checkout.take_back(commit, expected)
    if there and _STAGED.search(finished.out.decode("utf-8", "replace")):
        return _send(target, commit, expected)
    return finished


def _send(target: Target, commit: str, expected: str) -> Finished:
    args = ["--porcelain", "--no-verify", f"--force-with-lease={target.ref}:{expected}"]
    if target.local:
        args.append(f"--receive-pack={shlex.quote(target.outer.program)} {_RECEIVE}")
    return target.run("push", *args, "--", target.where, f"{commit}:{target.ref}")


def _bare(target: Target, folder: Path, several: list[str]) -> bool:
    """Whether only one of two is a work tree: a bare repository has a HEAD, but no files."""
    return len(several) == 2 and several[0] == str(folder) and is_bare(target, folder)


def _ancestor(target: Target, commit: str, of: str) -> bool:
    if commit == of:
        return True
    finished = target.inner.run("merge-base", "--is-ancestor", commit, of, ok=())
    return finished.code == 0
