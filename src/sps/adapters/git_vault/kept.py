"""What an environment's setup made, in a workspace: a copy of its own, refreshed and not made anew.

A copy of ten thousand files takes seconds where the file system cannot share blocks; looking at
them takes a tenth of one. So a folder of the pool keeps its copy from use to use, and a record
outside of it says what each file looked like when we wrote it. Whatever was changed meanwhile has
another change time, which nobody in a sandbox can set: it is thrown away and brought anew.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from sps.adapters.git_vault.walk import throw
from sps.lib import atomic
from sps.lib.file_copy import pour
from sps.lib.open_folder import as_it_is, entered, opened
from sps.model.errors import WorkFailed
from sps.ports.vault import Kept

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_TICK = 0.005  # about as long as the kernel's clock for files stands still
_LOOKS_AT_THE_CLOCK = 20

Looks = tuple[int, int, int, int, int]  # mode, size, modified, changed, inode


class Copy(msgspec.Struct, frozen=True):
    """One kept path as we wrote it: of which setup, and what each file below it looked like."""

    stamp: str
    files: dict[str, Looks]


Record = dict[str, Copy]


def read(path: Path) -> Record:
    """Return the record of a folder of the pool, empty when there is none that can be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Record)
    except (OSError, msgspec.DecodeError):
        return {}


def write(path: Path, record: Record) -> None:
    """Write the record, once a change from then on must get a later time than all that is in it.
    Where that does not happen there is no record: that costs time, nothing else."""
    newest = max((looks[3] for copy in record.values() for looks in copy.files.values()), default=0)
    for _ in range(_LOOKS_AT_THE_CLOCK):
        atomic.swap(path, msgspec.json.encode(record))
        if os.stat(path).st_ctime_ns > newest:
            return
        time.sleep(_TICK)
    path.unlink()


def bring(root: Path, wanted: tuple[Kept, ...], before: Mapping[str, Copy], trash: Path) -> Record:
    """Make each kept path of a work tree equal to its source, and return the new record. What
    cannot be told from our own copy is replaced. Raises `WorkFailed("keep-in-the-way")`."""
    record: Record = {}
    with opened(root) as top, opened(trash) as bin_:
        for kept in wanted:
            if not kept.source:
                continue
            known = before.get(kept.path)
            old = known.files if known is not None and known.stamp == kept.stamp else {}
            work = _Work(kept, os.fsencode(root), old, bin_)
            work.place(top)
            record[kept.path] = Copy(kept.stamp, work.new)
    return record


@dataclass
class _Work:
    """Bringing one kept path."""

    kept: Kept
    root: bytes
    old: Mapping[str, Looks]
    trash: int
    new: dict[str, Looks] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._mentions = frozenset(self.kept.mentions)
        # Followed by a digit it is another folder of the pool.
        self._where = re.compile(re.escape(os.fsencode(self.kept.root)) + rb"(?![0-9])")

    def place(self, top: int) -> None:
        """Bring it below the folder `top`."""
        *folders, name = self.kept.path.split("/")
        source, origin = os.path.split(self.kept.source)
        handle = os.dup(top)
        try:
            for part in folders:
                below = entered(part, inside=handle)
                if below is None:
                    raise WorkFailed(
                        "keep-in-the-way",
                        f"{self.kept.path} cannot be brought: {part} is no folder",
                    )
                os.close(handle)
                handle = below
            with as_it_is(source) as from_:
                self._one(from_, origin, handle, name, "")
        finally:
            os.close(handle)

    def _one(self, from_: int, origin: str, to: int, name: str, path: str) -> None:
        found = os.stat(origin, dir_fd=from_, follow_symlinks=False)
        there = _look(name, to)
        if stat.S_ISDIR(found.st_mode):
            if there is not None and not stat.S_ISDIR(there[0]):
                os.unlink(name, dir_fd=to)
                there = None
            if there is None:
                os.mkdir(name, 0o755, dir_fd=to)
            with as_it_is(origin, inside=from_) as inner, opened(name, inside=to) as outer:
                self._folder(inner, outer, path)
            return
        if there is not None and self.old.get(path) == there:
            self.new[path] = there
            return
        if there is not None:
            self._remove(name, to, there)
        self._write(from_, origin, to, name, path)
        looks = _look(name, to)
        if looks is not None:
            self.new[path] = looks

    def _folder(self, inner: int, outer: int, path: str) -> None:
        wanted = os.listdir(inner)
        for name in set(os.listdir(outer)) - set(wanted):
            there = _look(name, outer)
            if there is not None:
                self._remove(name, outer, there)
        for name in wanted:
            self._one(inner, name, outer, name, f"{path}/{name}" if path else name)

    def _remove(self, name: str, inside: int, there: Looks) -> None:
        if stat.S_ISDIR(there[0]):
            throw(name, inside, self.trash)
        else:
            os.unlink(name, dir_fd=inside)

    def _write(self, from_: int, origin: str, to: int, name: str, path: str) -> None:
        found = os.stat(origin, dir_fd=from_, follow_symlinks=False)
        if stat.S_ISLNK(found.st_mode):
            target = os.fsencode(os.readlink(origin, dir_fd=from_))
            os.symlink(self._where.sub(lambda _: self.root, target), os.fsencode(name), dir_fd=to)
            return
        mode = 0o755 if found.st_mode & 0o100 else 0o644
        source = os.open(origin, _READ, dir_fd=from_)
        try:
            target_ = os.open(name, _NEW, mode, dir_fd=to)
            try:
                if path in self._mentions:
                    self._rewrite(source, target_)
                else:
                    pour(source, target_)
                os.utime(target_, ns=(found.st_mtime_ns, found.st_mtime_ns))
            finally:
                os.close(target_)
        finally:
            os.close(source)

    def _rewrite(self, source: int, target: int) -> None:
        """Copy a text that names the folder in which the setup ran, naming this one instead."""
        with open(source, "rb", closefd=False) as text, open(target, "wb", closefd=False) as out:
            out.write(self._where.sub(lambda _: self.root, text.read()))


def _look(name: str, inside: int) -> Looks | None:
    with contextlib.suppress(FileNotFoundError):
        found = os.stat(name, dir_fd=inside, follow_symlinks=False)
        return (found.st_mode, found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)
    return None
