"""Which branch a git dir has checked out, or has left for a while to come back to."""

from __future__ import annotations

from pathlib import Path

_SYMBOLIC = "ref: "
_REBASED = ("rebase-merge/head-name", "rebase-apply/head-name")
_BISECTED = "BISECT_START"
_MOST_NAMES = 5


def claimants(common: Path, ref: str) -> list[str]:
    """Return the git dirs that name a branch as theirs: of work trees, and of a bare repository.
    A rebase or a bisection that has begun on the branch names it, too, as it does for git."""
    gitdirs = [common, *sorted((common / "worktrees").glob("*"))]
    return [
        str(one)
        for one in gitdirs
        if _line(one / "HEAD") == _SYMBOLIC + ref or under_way(one, ref) is not None
    ]


def under_way(gitdir: Path, ref: str) -> str | None:
    """Name what has left a branch for a while: `rebase` or `bisection`."""
    if _line(gitdir / "HEAD").startswith(_SYMBOLIC):
        return None
    if any(_line(gitdir / name) == ref for name in _REBASED):
        return "rebase"
    return "bisection" if f"refs/heads/{_line(gitdir / _BISECTED)}" == ref else None


def real_ref(common: Path, ref: str) -> str:
    """Return the branch that a branch is another name of; itself when it is none."""
    for _ in range(_MOST_NAMES):
        text = _line(common / ref)
        if not text.startswith(f"{_SYMBOLIC}refs/heads/"):
            break
        ref = text.removeprefix(_SYMBOLIC)
    return ref


def _line(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="surrogateescape").strip()
    except OSError:
        return ""
