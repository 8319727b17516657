"""The landing target's history, read without fetching or writing anything."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sps.adapters.git_vault.git import Inner, Place
from sps.adapters.git_vault.names import is_id, object_id
from sps.adapters.git_vault.target import Target, common_dir, read_ref
from sps.ports.vault import Arrival, TargetLog

_TIMEOUT = 120.0
_END = "\x1e"  # ends a record; no trailer value holds it: values are one line of printable text
# Git knows these without having them, by the width of an object id.
_EMPTY_TREES = {
    40: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    64: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}


@dataclass(frozen=True)
class Peeking(Inner):
    """Hermetic git that also sees the objects of a folder that is not ours, and of no other part
    of that repository."""

    borrowed: str = ""

    def _environment(self, place: Place) -> dict[str, str]:
        return {**super()._environment(place), "GIT_ALTERNATE_OBJECT_DIRECTORIES": self.borrowed}


def target_log(target: Target, trailer: str, commits: tuple[str, ...]) -> TargetLog:
    """Read the target's history. A local target's new commits are read where they lie; those of a
    remote one that were never fetched are not, and the vault's copy answers instead."""
    git = _peeking(target)
    commit = target.commit()
    current = _has_commit(git, commit)
    if not current:
        copy = read_ref(target.inner.gitdir, target.ref)
        if copy is None:
            raise target.missing("the vault's copy is gone")
        commit = copy
    return TargetLog(
        commit=commit,
        current=current,
        holds=_held(git, commit, commits),
        carriers=_carriers(git, commit, trailer),
    )


def arrivals(git: Inner, base: str, tip: str, limit: int) -> tuple[Arrival, ...]:
    """Return the commits that tip has and base has not, newest first."""
    said = git.run(
        "rev-list",
        "--no-commit-header",
        f"--max-count={limit}",
        "--format=%H %P%n%an <%ae>%n%cn <%ce>%n%B%x00",
        object_id(tip),
        f"^{object_id(base)}",
        timeout=_TIMEOUT,
    )
    records = (record.lstrip(b"\n") for record in said.out.split(b"\0"))
    return tuple(_arrival(record) for record in records if record)


def _arrival(record: bytes) -> Arrival:
    head, _, words = record.decode("utf-8", "replace").partition("\n")
    commit, *parents = head.split()
    parent = parents[0] if parents else _EMPTY_TREES[len(commit)]
    return Arrival(commit=commit, parent=parent, words=words)


def _peeking(target: Target) -> Inner:
    """Return a git that reads the owner's objects too. A path that git would take for several is
    not borrowed from."""
    common = common_dir(target.repo) if target.local else None
    objects = "" if common is None else str(common / "objects")
    if not objects or ":" in objects:
        return target.inner
    return Peeking(target.inner.program, target.inner.gitdir, borrowed=objects)


def _has_commit(git: Inner, commit: str) -> bool:
    """Tell whether the commit can be read."""
    spec = f"{object_id(commit)}^{{commit}}"
    return git.run("cat-file", "-e", spec, ok=()).code == 0


def _held(git: Inner, commit: str, asked: Iterable[str]) -> frozenset[str]:
    """Return which commits are the commit itself or in its history. One that does not exist is in
    no history."""
    wanted = sorted({name for name in asked if is_id(name)})
    there = [name for name, kind in zip(wanted, _kinds(git, wanted), strict=True) if kind]
    lines = [*there, f"^{object_id(commit)}"]
    beyond = git.run("rev-list", "--stdin", stdin=_lines(lines), timeout=_TIMEOUT).out
    return frozenset(there) - frozenset(beyond.decode("ascii", "replace").split())


def _carriers(git: Inner, commit: str, key: str) -> tuple[tuple[str, str], ...]:
    """Return (commit, value) for each first-parent commit that carries the trailer, newest
    first."""
    said = git.run(
        "rev-list",
        "--first-parent",
        "--no-commit-header",
        f"--grep=^{key}: ",
        f"--format=%H %(trailers:key={key},valueonly,separator=%x1f){_END}",
        object_id(commit),
        timeout=_TIMEOUT,
    )
    records = said.out.decode("utf-8", "replace").split(_END)
    pairs = (record.strip("\n").partition(" ") for record in records if record.strip())
    return tuple(
        (name, value.strip())
        for name, _, values in pairs
        for value in dict.fromkeys(values.split("\x1f"))
        if value.strip()
    )


def _kinds(git: Inner, names: list[str]) -> list[bool]:
    """Say for each object id whether it names a commit that is there."""
    if not names:
        return []
    said = git.run("cat-file", "--buffer", "--batch-check", stdin=_lines(names), timeout=_TIMEOUT)
    return [line.split()[1:2] == ["commit"] for line in said.out.decode().splitlines()]


def _lines(names: list[str]) -> bytes:
    return "".join(f"{name}\n" for name in names).encode("ascii")
