"""Trial merges in memory."""

from __future__ import annotations

from sps.adapters.git_vault.git import Inner, words
from sps.adapters.git_vault.names import object_id
from sps.adapters.git_vault.objects import read_commit
from sps.model.errors import WorkFailed
from sps.ports.vault import Merge

_MOST_TEXT = 64_000


def merge(git: Inner, base: str, tip: str) -> Merge:
    """Merge two commits. A tip that was made right on the base is its own result."""
    commit = read_commit(git, tip)
    if object_id(base) == tip or base in commit.parents:
        return Merge(tree=commit.tree, clean=True)
    return merge_trees(git, base, tip)


def merge_trees(git: Inner, ours: str, theirs: str) -> Merge:
    """Let git merge two commits, whatever their history."""
    finished = git.run(
        "merge-tree",
        "--write-tree",
        "-z",
        "--name-only",
        "--messages",
        "--allow-unrelated-histories",
        ours,
        object_id(theirs),
        ok=(0, 1),
        timeout=120.0,
    )
    tree, paths, said = _parse(finished.out)
    if not tree:
        raise WorkFailed("git-failed", f"git merge-tree: {words(finished)}")
    if finished.code == 0:
        return Merge(tree=tree, clean=True)
    return Merge(tree=tree, clean=False, messages=said[:_MOST_TEXT], paths=paths)


def _parse(out: bytes) -> tuple[str, tuple[str, ...], str]:
    """Split `tree NUL (path NUL)* NUL (count NUL (path NUL)* kind NUL message NUL)*`."""
    fields = out.decode("utf-8", "replace").split("\0")
    tree, at = fields[0].strip(), 1
    paths: list[str] = []
    while at < len(fields) and fields[at]:
        paths.append(fields[at])
        at += 1
    at += 1
    said: list[str] = []
    while at < len(fields) and fields[at].strip().isdigit():
        at += int(fields[at]) + 2
        said.append(fields[at] if at < len(fields) else "")
        at += 1
    return tree, tuple(dict.fromkeys(paths)), "".join(said)
