"""Collecting: everything that a dead agent left becomes reachable in the vault.

Commits come by fetch from a quarantine, dirty files through a private index, the rest as a salvage.
Each step can be repeated and gives the same ids: dates come from the run, not from a clock.
"""

from __future__ import annotations

import os
import re
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path

from sps.adapters.git_vault import foreign, index, salvage, walk
from sps.adapters.git_vault.foreign import Foreign
from sps.adapters.git_vault.git import Inner, Place
from sps.adapters.git_vault.index import Entry
from sps.adapters.git_vault.names import (
    RUNS,
    SALVAGE,
    flat,
    one_line,
    run_name,
    run_seconds,
    signature,
)
from sps.adapters.git_vault.objects import Draft, read_commit, tree_of, write_commit
from sps.adapters.git_vault.pool import Pool, Slot
from sps.adapters.git_vault.tidy import tidy
from sps.adapters.git_vault.workspace import WORK, Maker, plain_gitdir
from sps.lib import atomic, killpoint
from sps.lib.process import Finished
from sps.model.errors import WorkFailed
from sps.model.project import Identity
from sps.ports.vault import Collected

_MOST_PATHS = 200
_ADD_SECONDS = 120.0
_HUGE = 1 << 30
# What git may complain about without harm: paths that no tree may hold go to the salvage.
_HARMLESS = re.compile(
    r"error: (?:invalid path|unable to add) |fatal: adding files failed|hint:"
    r"|warning: (?!could not open|.*Permission denied)"
)


@dataclass(frozen=True)
class Job:
    """One run's leftovers and how they are to be signed."""

    slot: Slot
    run_id: str
    message: str
    identity: Identity
    skip: Set[str] = frozenset()  #: paths that are no work: made by the setup, or guests


@dataclass(frozen=True)
class _Files:
    """The work tree as the private index knows it now."""

    tree: str
    changed: tuple[str, ...]
    left: salvage.Choice


@dataclass(frozen=True)
class Collector:
    """Collects the workspaces of one vault."""

    maker: Maker

    @property
    def git(self) -> Inner:
        return self.maker.git

    @property
    def pool(self) -> Pool:
        return self.maker.pool

    def collect(self, job: Job) -> Collected:
        """Collect a workspace. Raises `WorkFailed("git-failed")`; then nothing was given up, and
        the workspace stays as it is."""
        run = run_name(job.run_id)
        start = job.slot.start
        gitdir = self.pool.work_tree(job.slot) / ".git"
        quarantine = self.pool.folder / ".slots" / f"{job.slot.number}.quarantine"
        found = foreign.look(gitdir, self.git, quarantine, sha256=self.maker.sha256)
        killpoint.reach("collect-before-fetch")
        wanted, lost = _wanted(found, job.slot, RUNS + run)
        failed: dict[str, str] = {}
        if wanted:
            failed = foreign.fetch(gitdir, self.git, quarantine, wanted, start)
        killpoint.reach("collect-after-fetch")
        missing = {wanted[ref] for ref in failed}
        head = self._head(found, start, missing)
        files = self._files(job, head)
        killpoint.reach("collect-after-add")
        tip = self._tip(job, head, files.tree)
        orphans = tuple(name for name in lost if name not in missing)
        kept = self._salvage(job, files, orphans)
        killpoint.reach("collect-after-commit")
        self._point(f"{RUNS}{run}/tip", tip)
        killpoint.reach("collect-after-refs")
        self.pool.collected(job.slot)
        tidy(self.git)
        return Collected(
            tip=tip,
            commits=self._count(found, head, start),
            uncommitted=files.changed,
            salvage=kept,
            left_out=(
                *files.left.left_out,
                *(f"{wanted[ref]}: {one_line(said)}" for ref, said in sorted(failed.items())),
            ),
        )

    def _head(self, found: Foreign, start: str, missing: Set[str]) -> str:
        """Return the commit that the tip builds on: the agent's HEAD if it descends from the start,
        else the start."""
        head = found.head
        if head is None or head == start or head in missing:
            return start
        if _reaches(head, start, found.commits):
            return head
        asked = self.git.run("merge-base", "--is-ancestor", start, head, ok=())
        return head if asked.code == 0 else start

    def _files(self, job: Job, head: str) -> _Files:
        root = self.pool.work_tree(job.slot)
        scratch = self.pool.scratch(job.slot, "collect")
        pristine = self.pool.index(job.slot)
        if pristine.exists():
            index.copy(pristine, scratch)
        place = Place(tree=os.fspath(root), index=os.fspath(scratch))
        if head != job.slot.start or not scratch.exists():
            keep_stat = ("-i", "-m") if scratch.exists() else ()
            self.git.run("read-tree", *keep_stat, head, place=place)
        before = self._entries(scratch)
        scan = walk.scan(root, skip=job.skip)
        links = {path for path, entry in before.items() if entry.gitlink}
        folders = index.folders_of(before)
        apart = {path for path in scan.nested if path not in folders} | links
        whole = self._add(job, place, scan, apart | set(scan.deep) | job.skip)
        after = self._drop_links(job, place, self._entries(scratch))
        tree = self.git.run("write-tree", place=place).out.decode().strip()
        os.unlink(scratch)
        tracked = {path for path, entry in after.items() if not entry.gitlink}
        if not whole:
            tracked -= index.unseen(root, after)
        choice = salvage.choose(root, (path for path in scan.files if path not in tracked))
        named = [f"{path} (removed: pipe, socket or device)" for path in scan.removed]
        named += [f"{path}/ (deeper than {walk.DEEPEST} folders)" for path in scan.deep]
        choice = salvage.Choice(choice.kept, (*choice.left_out, *map(_shown, named)))
        return _Files(tree, _changed(before, after), choice)

    def _entries(self, scratch: Path) -> dict[str, Entry]:
        return index.read(scratch, width=self.maker.width)

    def _add(self, job: Job, place: Place, scan: walk.Scan, apart: Set[str]) -> bool:
        """Put the work tree into the private index; tell whether all that can be is in it.

        What git refuses is tried again with the right to read it, then without the repository's
        attributes. What took too long is tried again without the largest files.
        """
        root = self.pool.work_tree(job.slot)
        finished = self._try_add(place, apart)
        if finished.timed_out:
            apart = apart | {path for path in scan.files if _huge(root / path)}
            finished = self._try_add(place, apart)
        if _harmless(finished):
            return True
        walk.readable(root, scan.files)
        finished = self._try_add(place, apart)
        if not _harmless(finished):
            plain = self._without_attributes()
            bare = Place(tree=place.tree, index=place.index, attributes=os.fspath(plain))
            finished = self._try_add(bare, apart)
        if finished.timed_out:
            raise WorkFailed("git-failed", f"git add took longer than {_ADD_SECONDS:.0f} s")
        return _harmless(finished)

    def _without_attributes(self) -> Path:
        """Return a git dir of ours in which no attribute of a repository has an effect."""
        plain = plain_gitdir(self.pool.folder / ".slots" / "plain.git", sha256=self.maker.sha256)
        text = b"* !filter -text -eol -ident -working-tree-encoding\n"
        atomic.write(plain / "info" / "attributes", text)
        return plain

    def _try_add(self, place: Place, apart: Set[str]) -> Finished:
        if place.index is not None:
            Path(place.index + ".lock").unlink(missing_ok=True)
        args = ["-A", "--ignore-errors"]
        stdin = None
        if apart:
            specs = [":(top)", *(f":(top,exclude,literal){path}" for path in sorted(apart))]
            stdin = b"".join(os.fsencode(spec) + b"\0" for spec in specs)
            args += ["--pathspec-from-file=-", "--pathspec-file-nul"]
        return self.git.run("add", *args, place=place, stdin=stdin, ok=(), timeout=_ADD_SECONDS)

    def _drop_links(self, job: Job, place: Place, after: dict[str, Entry]) -> dict[str, Entry]:
        """Take links to nested repositories out of the index, unless the start has one there."""
        links = [path for path, entry in after.items() if entry.gitlink]
        if not links:
            return after
        listed = self.git.run("ls-tree", "-r", "-z", "--full-tree", job.slot.start).out
        old = {
            os.fsdecode(row.partition(b"\t")[2])
            for row in listed.split(b"\0")
            if row.startswith(b"160000 ")
        }
        fresh = [path for path in links if path not in old]
        if fresh:
            zeros = b"0" * (self.maker.width * 2)
            rows = b"".join(b"0 %s\t%s\0" % (zeros, os.fsencode(path)) for path in fresh)
            self.git.run("update-index", "-z", "--index-info", place=place, stdin=rows)
        return {path: entry for path, entry in after.items() if path not in set(fresh)}

    def _tip(self, job: Job, head: str, tree: str) -> str:
        if tree == tree_of(self.git, head):
            return head
        signed = signature(job.identity, self._seconds(job))
        message = job.message.encode("utf-8", "replace") or b"Uncommitted work"
        return write_commit(self.git, Draft(tree, (head,), signed, signed, message))

    def _salvage(self, job: Job, files: _Files, lost: tuple[str, ...]) -> str | None:
        if not files.left.kept and not lost:
            return None
        ref = SALVAGE + job.run_id
        record = salvage.Record(
            ref=ref,
            start=job.slot.start,
            lost=lost,
            signature=signature(job.identity, self._seconds(job)),
            message=f"Salvage of run {job.run_id}\n".encode(),
        )
        salvage.write(self.git, self.pool.work_tree(job.slot), record, files.left.kept)
        return ref

    def _seconds(self, job: Job) -> int:
        made = run_seconds(job.run_id)
        return read_commit(self.git, job.slot.start).seconds + 1 if made is None else made

    def _point(self, ref: str, commit: str) -> None:
        self.git.run("update-ref", ref, commit)

    def _count(self, found: Foreign, head: str, start: str) -> int:
        if head == start:
            return 0
        if found.packed:
            return int(self.git.text("rev-list", "--count", head, f"^{start}"))
        return len(_reachable(head, found.commits))


def _wanted(found: Foreign, slot: Slot, prefix: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return ref -> object id of what has to be fetched, and the commits that no ref leads to."""
    ours = {
        ref: name for name, _, ref in (line.partition(" ") for line in slot.packed.splitlines())
    }
    refs = {ref: name for ref, name in found.refs.items() if ours.get(ref) != name}
    if found.head not in {None, slot.start, ours.get(WORK)}:
        refs["HEAD"] = str(found.head)
    led_to: set[str] = set()
    for name in (*refs.values(), slot.start):
        led_to |= _reachable(name, found.commits)
    parents = {parent for name in found.commits for parent in found.commits[name]}
    known = set(ours.values()) | set(refs.values())
    orphans = sorted(name for name in found.commits.keys() - parents - led_to if name not in known)
    wanted = {f"{prefix}/refs/{flat(ref)}": name for ref, name in sorted(refs.items())}
    wanted |= {f"{prefix}/lost/{name}": name for name in orphans}
    return wanted, tuple(orphans)


def _reachable(name: str, commits: dict[str, tuple[str, ...]]) -> set[str]:
    seen: set[str] = set()
    todo = [name]
    while todo:
        now = todo.pop()
        if now in commits and now not in seen:
            seen.add(now)
            todo += commits[now]
    return seen


def _reaches(name: str, start: str, commits: dict[str, tuple[str, ...]]) -> bool:
    seen = _reachable(name, commits)
    return start in seen or any(start in commits[one] for one in seen)


def _changed(before: dict[str, Entry], after: dict[str, Entry]) -> tuple[str, ...]:
    paths = sorted(
        path
        for path in before.keys() | after.keys()
        if index.differs(before.get(path), after.get(path))
    )
    return tuple(_shown(path) for path in paths[:_MOST_PATHS])


def _shown(path: str) -> str:
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _huge(path: Path) -> bool:
    try:
        return os.lstat(path).st_size > _HUGE
    except OSError:
        return False


def _harmless(finished: Finished) -> bool:
    """Tell whether git put everything into the index that an index can hold."""
    if finished.timed_out or finished.code not in {0, 1, 128}:
        return False
    lines = finished.err.decode("utf-8", "replace").splitlines()
    return all(_HARMLESS.match(line) for line in lines) and (finished.code == 0 or bool(lines))
