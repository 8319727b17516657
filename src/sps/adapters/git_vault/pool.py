"""The pool: folders that workspaces and gate checkouts are made in, used again and again.

A folder is ours only through its slot: a record in the pool's own registry, outside every work
tree, which names the folder's inode. A folder without a slot, or one that is not the inode its slot
names, is never touched. A slot goes free -> taken -> free; one that an agent worked in is not
given out again before it was collected and released.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import msgspec

from sps.adapters.git_vault.lock import locked
from sps.lib import atomic
from sps.lib.open_folder import opened
from sps.lib.proctree import start_time
from sps.model.errors import Misuse, WorkFailed
from sps.ports.vault import Workspace

_LOCK_SECONDS = 30.0
_MOST_SLOTS = 10_000

FREE, MAKING, CLONE, CHECKOUT, BROKEN = "free", "making", "clone", "checkout", "broken"


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    """One folder of the pool. `generation` grows with every use; the index carries it in its name,
    so that a workspace of an earlier use is told apart."""

    number: int
    generation: int = 0
    state: str = MAKING
    device: int
    inode: int
    pid: int = 0  #: who makes it or, for a checkout, who uses it
    started: int = 0
    collected: bool = False
    start: str = ""
    packed: str = ""  #: what we wrote into `.git/packed-refs`
    guests: tuple[str, ...] = ()  #: folders in it that are no part of the work


class Pool:
    """The folders of one project."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._registry = folder / ".slots"
        self.trash = folder / ".trash"

    def work_tree(self, slot: Slot) -> Path:
        return self.folder / str(slot.number)

    def index(self, slot: Slot) -> Path:
        """The private index of the slot's present use."""
        return self._registry / f"{slot.number}.{slot.generation}.index"

    def copies(self, slot: Slot) -> Path:
        """The record of what of an environment lies in the slot's folder."""
        return self._registry / f"{slot.number}.copies"

    def scratch(self, slot: Slot, name: str) -> Path:
        """A path of this use for something short-lived; nothing lies there yet."""
        path = self._registry / f"{slot.number}.{name}"
        for old in (path, path.with_name(path.name + ".lock")):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(old)
        return path

    def take(self) -> Slot:
        """Reserve a folder, a free one or a new one. Its content is what the last use left, and
        its index tells what of it we know."""
        with self._locked():
            slots = self._slots()
            for slot in sorted(slots, key=lambda slot: -slot.generation):
                if self._reusable(slot) and self._ours(slot):
                    return self._reserve(slot)
            return self._make({slot.number for slot in slots})

    def confirm(
        self,
        slot: Slot,
        *,
        state: str,
        start: str,
        packed: str = "",
        guests: tuple[str, ...] = (),
    ) -> Workspace:
        """Say that the folder is ready to be used, and return it."""
        ready = msgspec.structs.replace(
            slot, state=state, start=start, packed=packed, guests=guests
        )
        self._write(ready, durable=state == CLONE)
        return Workspace(
            path=os.fspath(self.work_tree(slot)), index=os.fspath(self.index(slot)), start=start
        )

    def find(self, workspace: Workspace) -> Slot:
        """Return the slot of a workspace. Raises `WorkFailed("workspace-lost")` when the folder is
        gone or was replaced, `Misuse("not-a-workspace")` for a path that is none of ours."""
        slot = self._slot(workspace)
        if slot is None or not self._same_use(slot, workspace):
            raise Misuse("not-a-workspace", f"not a workspace in use: {workspace.path}")
        if not self._ours(slot):
            raise WorkFailed("workspace-lost", f"the workspace is gone: {workspace.path}")
        return slot

    def collected(self, slot: Slot) -> None:
        """Note that all of it is in the vault."""
        if not slot.collected:
            self._write(msgspec.structs.replace(slot, collected=True))

    def release(self, workspace: Workspace) -> None:
        """Free a slot; of an earlier use: nothing. One whose folder is gone or was replaced is
        never given out again. Raises `WorkFailed("not-collected")`."""
        with self._locked():
            slot = self._slot(workspace)
            if slot is None or not self._same_use(slot, workspace) or slot.state == FREE:
                return
            if not self._ours(slot):
                self._write(msgspec.structs.replace(slot, state=BROKEN))
                return
            if slot.state == CLONE and not slot.collected:
                raise WorkFailed(
                    "not-collected", f"the workspace was not collected: {workspace.path}"
                )
            self._write(msgspec.structs.replace(slot, state=FREE))

    def abandoned(self) -> list[Workspace]:
        """Return the clones that were handed out by a process that does not live any more."""
        with self._locked():
            return [
                Workspace(
                    path=os.fspath(self.work_tree(slot)),
                    index=os.fspath(self.index(slot)),
                    start=slot.start,
                )
                for slot in self._slots()
                if slot.state == CLONE and not _lives(slot.pid, slot.started) and self._ours(slot)
            ]

    def discard(self, slot: Slot, *, broken: bool) -> None:
        """Give back a folder whose making failed. Nobody has seen it; its index is not trusted. One
        that we may not even clean is broken: it is left alone from now on."""
        state = BROKEN if broken else MAKING
        self._write(msgspec.structs.replace(slot, state=state, pid=0, started=0))

    def _reusable(self, slot: Slot) -> bool:
        if slot.state == FREE:
            return True
        # Nobody works in a folder that was never handed out, and a checkout holds no work. Its
        # user may have left processes behind only if it died with us, more than a start ago.
        return slot.state in {MAKING, CHECKOUT} and not _lives(slot.pid, slot.started)

    def _ours(self, slot: Slot) -> bool:
        try:
            found = os.lstat(self.work_tree(slot))
        except OSError:
            return False
        same = (found.st_dev, found.st_ino) == (slot.device, slot.inode)
        return same and stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()

    def _reserve(self, slot: Slot) -> Slot:
        fresh = msgspec.structs.replace(
            slot,
            generation=slot.generation + 1,
            state=MAKING,
            pid=os.getpid(),
            started=start_time(os.getpid()),
            collected=False,
        )
        old, new = self.index(slot), self.index(fresh)
        with contextlib.suppress(FileNotFoundError):
            if slot.state == FREE:
                os.replace(old, new)
            else:  # half made: what lies there is unknown
                os.unlink(old)
        self._write(fresh)
        return fresh

    def _make(self, taken: set[int]) -> Slot:
        for number in range(1, _MOST_SLOTS):
            folder = self.folder / str(number)
            if number in taken:
                continue
            try:
                os.mkdir(folder, 0o700)
            except FileExistsError:
                continue  # not ours: left alone
            found = os.lstat(folder)
            slot = Slot(
                number=number,
                device=found.st_dev,
                inode=found.st_ino,
                pid=os.getpid(),
                started=start_time(os.getpid()),
            )
            self._write(slot)
            return slot
        raise WorkFailed("pool-full", f"no room for another workspace in {self.folder}")

    def _slot(self, workspace: Workspace) -> Slot | None:
        path = Path(workspace.path)
        if path.parent != self.folder or not path.name.isdecimal():
            return None
        return self._read(self._registry / f"{path.name}.json")

    def _same_use(self, slot: Slot, workspace: Workspace) -> bool:
        return os.fspath(self.index(slot)) == workspace.index

    def _slots(self) -> list[Slot]:
        names = [name for name in os.listdir(self._registry) if name.endswith(".json")]
        found = [self._read(self._registry / name) for name in names if name[0] != "."]
        return [slot for slot in found if slot is not None]

    @staticmethod
    def _read(path: Path) -> Slot | None:
        try:
            return msgspec.json.decode(path.read_bytes(), type=Slot)
        except (FileNotFoundError, msgspec.DecodeError):
            return None

    def _write(self, slot: Slot, *, durable: bool = False) -> None:
        """Only that a folder holds an agent's work must outlive a power cut: any other note that is
        lost leaves a folder unused, or collected twice."""
        path, note = self._registry / f"{slot.number}.json", msgspec.json.encode(slot)
        if durable:
            atomic.write(path, note)
        else:
            atomic.swap(path, note)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        for folder in (self.folder, self._registry, self.trash):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with opened(folder):  # a link in its place is refused
                pass
        flags = os.O_RDWR | os.O_CREAT
        with locked(self._registry / "lock", flags, seconds=_LOCK_SECONDS):
            yield


def _lives(pid: int, started: int) -> bool:
    return pid > 0 and start_time(pid) == started
