"""Landing commits: equal values make the same object id, unless they are signed."""

from __future__ import annotations

import re

from sps.adapters.git_vault.git import Inner
from sps.adapters.git_vault.merge import merge_trees
from sps.adapters.git_vault.names import object_id, one_line, signature
from sps.adapters.git_vault.objects import (
    Commit,
    Draft,
    Sign,
    read_commit,
    tree_of,
    write_commit,
)
from sps.ports.vault import LandingCommit

_MOST_REPLAYED = 500
_AUTHOR = re.compile(rb"[^<>\x00\n]{0,500} <[^<>\x00\n]{0,500}> \d{1,12} [+-]\d{4}\Z")


def merge_commit(git: Inner, landing: LandingCommit, sign: Sign | None) -> str:
    """Make the commit with parents base and tip."""
    return _land(git, landing, (landing.base, landing.tip), sign)


def squash_commit(git: Inner, landing: LandingCommit, sign: Sign | None) -> str:
    """Make one commit on the base."""
    return _land(git, landing, (landing.base,), sign)


def _land(git: Inner, landing: LandingCommit, parents: tuple[str, ...], sign: Sign | None) -> str:
    owner = signature(landing.identity, landing.at // 1000)
    subject = one_line(landing.subject) or "Land"
    message = f"{subject}\n".encode() + _trailers(landing)
    return write_commit(git, Draft(landing.tree, parents, owner, owner, message), sign)


def _trailers(landing: LandingCommit) -> bytes:
    lines = [
        f"{re.sub(r'[^A-Za-z0-9-]', '', key) or 'Note'}: {one_line(value)}\n"
        for key, value in landing.trailers
    ]
    return ("\n" + "".join(lines)).encode() if lines else b""


def rebase(git: Inner, landing: LandingCommit, sign: Sign | None) -> str | None:
    """Replay what the tip has beyond the base, commit by commit, without merges; each is signed."""
    listed = git.text(
        "rev-list",
        "--reverse",
        "--topo-order",
        "--no-merges",
        f"--max-count={_MOST_REPLAYED + 1}",
        object_id(landing.tip),
        "^" + object_id(landing.base),
    ).split()
    if not listed or len(listed) > _MOST_REPLAYED:
        return None
    committer = signature(landing.identity, landing.at // 1000)
    now, tree = landing.base, tree_of(git, landing.base)
    steps: list[tuple[Commit, str]] = []
    for name in listed:
        commit = read_commit(git, name)
        fresh = _replay(git, commit, tree, committer)
        if fresh is None:
            return None
        if fresh != tree:
            steps.append((commit, fresh))
            tree = fresh
    if tree != landing.tree or not steps:
        return None
    for number, (commit, fresh) in enumerate(steps, start=1):
        message = commit.message.rstrip(b"\n") + b"\n"
        if number == len(steps):
            message += _trailers(landing)
        author = commit.author if _AUTHOR.match(commit.author) else committer
        now = write_commit(git, Draft(fresh, (now,), author, committer, message), sign)
    return now


def _replay(git: Inner, commit: Commit, onto: str, signed: bytes) -> str | None:
    """Return the tree of `onto` with a commit's change, None when it does not apply."""
    before = tree_of(git, commit.parents[0]) if commit.parents else _empty_tree(git)
    if before == onto:
        return commit.tree
    if commit.tree == before:
        return onto
    # The merge base is not an option of older gits: three made-up commits give it one.
    root = _bare_commit(git, before, (), signed)
    theirs = _bare_commit(git, commit.tree, (root,), signed)
    ours = _bare_commit(git, onto, (root,), signed)
    merged = merge_trees(git, ours, theirs)
    return merged.tree if merged.clean else None


def _bare_commit(git: Inner, tree: str, parents: tuple[str, ...], signed: bytes) -> str:
    return write_commit(git, Draft(tree, parents, signed, signed, b"replay"))


def _empty_tree(git: Inner) -> str:
    return git.text("hash-object", "-t", "tree", "-w", "--stdin", stdin=b"")
