"""Filling a folder of the pool: the files of a tree, and a `.git` written file by file."""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from sps.adapters.git_vault import guests, index, kept, lfs, walk
from sps.adapters.git_vault.git import Inner, Place
from sps.adapters.git_vault.pool import CHECKOUT, CLONE, Pool, Slot
from sps.lib import atomic
from sps.model.errors import SpsError
from sps.ports.vault import Guest, Kept, Workspace

WORK = "refs/heads/sps/work"
HEAD = f"ref: {WORK}\n"
_TIMEOUT = 300.0


@dataclass(frozen=True)
class Start:
    """Where an agent starts: `branch` is the target's ref and `target` where it is."""

    commit: str
    branch: str
    target: str
    overlay: str | None = None
    guests: tuple[Guest, ...] = ()
    kept: tuple[Kept, ...] = ()


@dataclass(frozen=True)
class Maker:
    """Makes workspaces of one vault in one pool."""

    git: Inner
    pool: Pool
    sha256: bool

    @property
    def width(self) -> int:
        """Bytes of an object id."""
        return 32 if self.sha256 else 20

    def clone(self, start: Start) -> Workspace:
        """Return a workspace with its own `.git`."""
        slot = self.pool.take()
        try:
            copies = self._fill(slot, start.commit, start.kept)
            packed = self._repository(slot, start)
            if start.overlay is not None:
                self._overlay(slot, start.overlay)
            there = self._receive(slot, start)
            self._bring(slot, start.kept, copies)
        except (SpsError, OSError) as err:
            self.pool.discard(slot, broken=isinstance(err, PermissionError))
            raise
        return self.pool.confirm(slot, state=CLONE, start=start.commit, packed=packed, guests=there)

    def checkout(self, tree: str, wanted: tuple[Kept, ...], lfs_store: Path | None) -> Workspace:
        """Return a folder with exactly the files of a tree, and what is kept beside them. Pointers
        of Git LFS become their content as far as the owner's store has it."""
        slot = self.pool.take()
        try:
            self._bring(slot, wanted, self._fill(slot, tree, wanted))
            if lfs_store is not None and lfs_store.is_dir():
                entries = index.read(self.pool.index(slot), width=self.width)
                lfs.fill(self.pool.work_tree(slot), entries, lfs_store)
        except (SpsError, OSError) as err:
            self.pool.discard(slot, broken=isinstance(err, PermissionError))
            raise
        return self.pool.confirm(slot, state=CHECKOUT, start=tree)

    def _fill(self, slot: Slot, tree: str, wanted: tuple[Kept, ...]) -> kept.Record:
        """Make the folder what the tree is: remove what we do not know, let git write the rest.
        Copies of what is wanted again stay as they are; their records are returned."""
        copies = self._copies(slot, wanted)
        private = self.pool.index(slot)
        entries = index.read(private, width=self.width)
        known = {path for path, entry in entries.items() if not entry.gitlink}
        folders = index.folders_of(entries) | index.folders_of(copies)
        walk.sweep(self.pool.work_tree(slot), known, folders, self.pool.trash, spared=copies.keys())
        self._read_tree(slot, private, tree)
        return copies

    def _copies(self, slot: Slot, wanted: tuple[Kept, ...]) -> kept.Record:
        """Return the records of the copies that can serve again. From here on, until it is written
        anew, the folder has no record: what happens in between would not be in it."""
        path = self.pool.copies(slot)
        stamps = {one.path: one.stamp for one in wanted if one.source}
        found = {
            name: copy for name, copy in kept.read(path).items() if stamps.get(name) == copy.stamp
        }
        path.unlink(missing_ok=True)
        return found

    def _bring(self, slot: Slot, wanted: tuple[Kept, ...], copies: kept.Record) -> None:
        if any(one.source for one in wanted):
            root, trash = self.pool.work_tree(slot), self.pool.trash
            record = kept.bring(root, wanted, copies, trash)
            walk.empty(trash)
            kept.write(self.pool.copies(slot), record)

    def _read_tree(self, slot: Slot, private: Path, tree: str) -> None:
        place = Place(tree=os.fspath(self.pool.work_tree(slot)), index=os.fspath(private))
        self.git.run("read-tree", "-u", "--reset", tree, place=place, timeout=_TIMEOUT)

    def _overlay(self, slot: Slot, tree: str) -> None:
        """Put a tree over the files without telling the index of the workspace."""
        scratch = self.pool.scratch(slot, "overlay")
        index.copy(self.pool.index(slot), scratch)
        self._read_tree(slot, scratch, tree)
        os.unlink(scratch)

    def _receive(self, slot: Slot, start: Start) -> tuple[str, ...]:
        root = self.pool.work_tree(slot)
        there = guests.receive(root, start.guests)
        apart = tuple(one.path for one in start.kept)
        excluded = guests.exclusions(there) + "".join(f"/{path}\n" for path in apart)
        (root / ".git" / "info" / "exclude").write_bytes(os.fsencode(excluded))
        return there + apart

    def _repository(self, slot: Slot, start: Start) -> str:
        """Write the `.git` of a workspace and return the refs in it."""
        gitdir = self.pool.work_tree(slot) / ".git"
        for name in ("objects/info", "objects/pack", "refs/heads", "refs/tags", "info"):
            (gitdir / name).mkdir(parents=True)
        origin = start.branch.removeprefix("refs/heads/")
        refs = sorted(((WORK, start.commit), (f"refs/remotes/origin/{origin}", start.target)))
        packed = "".join(f"{commit} {ref}\n" for ref, commit in refs)
        contents = {
            "packed-refs": packed,
            "config": config(sha256=self.sha256, bare=False),
            "objects/info/alternates": f"{self.git.gitdir / 'objects'}\n",
            "HEAD": HEAD,
        }
        for name, content in contents.items():
            (gitdir / name).write_text(content, encoding="utf-8", errors="surrogateescape")
        with contextlib.suppress(FileNotFoundError):  # where the owner's history ends, if it does
            shutil.copyfile(self.git.gitdir / "shallow", gitdir / "shallow")
        private = self.pool.index(slot)
        if private.exists():
            index.copy(private, gitdir / "index")
        return packed


def config(*, sha256: bool, bare: bool) -> str:
    """Return the configuration of a git dir of ours: nothing that runs anything."""
    lines = [
        "[core]",
        f"\trepositoryformatversion = {int(sha256)}",
        "\tfilemode = true",
        f"\tbare = {str(bare).lower()}",
        f"\tlogallrefupdates = {str(not bare).lower()}",
        "[gc]",
        "\tauto = 0",
        "[maintenance]",
        "\tauto = false",
    ]
    if sha256:
        lines += ["[extensions]", "\tobjectformat = sha256"]
    return "\n".join(lines) + "\n"


def plain_gitdir(folder: Path, *, sha256: bool, settings: str = "") -> Path:
    """Make (or renew) a small git dir of ours: no refs, no objects. Safe to repeat."""
    for name in ("objects/info", "objects/pack", "refs", "info"):
        (folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)
    atomic.write(folder / "config", (config(sha256=sha256, bare=True) + settings).encode())
    atomic.write(folder / "HEAD", b"ref: refs/heads/none\n")
    return folder
