"""Landing: move the target by compare-and-swap, then believe only what is read back."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from sps.adapters.git_vault.git import words
from sps.adapters.git_vault.lock import folder_locked
from sps.adapters.git_vault.names import object_id
from sps.adapters.git_vault.objects import read_commit
from sps.adapters.git_vault.remote_words import Meaning, meaning
from sps.adapters.git_vault.target import Target, answered, checkouts, without_password
from sps.lib import killpoint
from sps.lib.process import Finished
from sps.ports.vault import Pushed, PushOutcome

_DIRTY = re.compile(
    r"[Ww]orking directory has (?:un)?staged changes|[Cc]ould not update working tree"
    r"|Up-to-date check failed|would be overwritten"
)
_UNTRACKED = re.compile(r"Untracked working tree file '([^'\n]{1,300})'")
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
        return Pushed(outcome=PushOutcome.DIRTY, detail=_in_the_way(said))
    return Pushed(outcome=PushOutcome.REFUSED, detail=detail)


def _in_the_way(said: str) -> str:
    """Say in one line what of the owner's keeps the checked-out branch where it is."""
    named = _UNTRACKED.search(said)
    if named:
        return f"the landing would overwrite {named[1]}, which git does not track"
    what = "changes are staged" if _STAGED.search(said) else "tracked files are changed"
    return f"{what} there, and it is not moved under those, in whichever files they are"


def _swap(target: Target, commit: str, expected: str) -> Finished:
    args = ["--porcelain", "--no-verify", f"--force-with-lease={target.ref}:{expected}"]
    if not target.local:
        return target.run("push", *args, "--", target.where, f"{commit}:{target.ref}")
    args.append(f"--receive-pack={shlex.quote(target.outer.program)} {_RECEIVE}")
    # The receiving git updates files before it swaps the ref. Of two pushes at the same time the
    # loser would leave its files behind, so they come one by one, and the loser does not start.
    folder, stop = target.folder().resolve(), target.outer.reins.stop
    several = checkouts(folder, target.ref)
    if len(several) > 1 and not _bare(target, folder, several):
        return Finished(1, b"", f"{_SEVERAL}: {', '.join(several)}".encode())
    with folder_locked(folder, seconds=_LOCK_SECONDS, stop=stop):
        now = target.commit()
        if now != expected:
            return Finished(1, b"", f"the branch is at {now}".encode())
        return target.run("push", *args, "--", target.where, f"{commit}:{target.ref}")


def _bare(target: Target, folder: Path, several: list[str]) -> bool:
    """Whether only one of two is a work tree: a bare repository has a HEAD, but no files."""
    if len(several) > 2 or several[0] != str(folder):
        return False
    finished = target.outer.run("config", "--bool", "core.bare", gitdir=folder, cwd=target.repo)
    return finished.out.strip() == b"true"


def _ancestor(target: Target, commit: str, of: str) -> bool:
    if commit == of:
        return True
    finished = target.inner.run("merge-base", "--is-ancestor", commit, of, ok=())
    return finished.code == 0
