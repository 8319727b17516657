"""Contents by hash: `<root>/<digest>/`, read-only, believed only when the hash is right."""

from __future__ import annotations

import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from sps.adapters.skill_store import records
from sps.lib import disk_tree
from sps.lib.disk_tree import DiskTree
from sps.lib.file_tree import Refused
from sps.model.skills.tree import BOUNDS, SkillTree, tree_of_rows

# A change within one tick of the file system's clock leaves no trace in its times.
_SETTLED_MS = 2000


class Contents:
    """What lies under each digest. `now` gives milliseconds since the epoch."""

    def __init__(self, root: Path, now: Callable[[], int]) -> None:
        self._root = root
        self._now = now
        self._seen: dict[str, bytes] = {}

    def place(self, digest: str) -> Path:
        """Return where a content lies or would lie. Raises `ValueError` for no digest."""
        if not records.is_digest(digest):
            raise ValueError(digest)
        return self._root / digest

    def folder(self, digest: str) -> Path | None:
        """Return the folder of a content that equals its digest.

        Once it was read whole, it is read again only when the times, sizes, modes or numbers of
        its files are others.
        """
        mark = self._mark(digest)
        if mark is not None and self._seen.get(digest) == mark:
            return self.place(digest)
        return None if self.tree(digest) is None else self.place(digest)

    def tree(self, digest: str) -> SkillTree | None:
        """Return a content, read now, None when it is not there or not what it should be."""
        before = self._mark(digest)
        tree = None if before is None else self._read(self.place(digest))
        if tree is None or before is None or tree.digest != digest:
            self._seen.pop(digest, None)
            return None
        if self._mark(digest) == before:
            self._remember(digest, before)
        return tree

    def write(self, tree: SkillTree) -> None:
        """Write a content that is not there. Raises `Refused`, `OSError`."""
        rows = [(file.path, file.content, file.executable) for file in tree.files.values()]
        disk_tree.write(self.place(tree.digest), rows, writable=False)

    def names(self) -> list[str]:
        """Return the digests under which something lies."""
        try:
            return sorted(name for name in os.listdir(self._root) if records.is_digest(name))
        except FileNotFoundError:
            return []

    def _read(self, place: Path) -> SkillTree | None:
        try:
            with DiskTree(place) as disk:
                rows, others = disk_tree.regular(disk, BOUNDS)
        except (OSError, Refused):
            return None
        if others or not all(_is_text(path) for path, _, _ in rows):
            return None
        return tree_of_rows(rows)

    def _remember(self, digest: str, mark: bytes) -> None:
        newest = _newest(self.place(digest))
        if newest is not None and newest + _SETTLED_MS < self._now():
            self._seen[digest] = mark

    def _mark(self, digest: str) -> bytes | None:
        """Return a hash over what the file system says about each entry; None without a folder."""
        if not records.is_digest(digest):
            return None
        whole = sha256()
        try:
            for path, status in _statuses(self._root / digest):
                parts = (
                    status.st_mode,
                    status.st_dev,
                    status.st_ino,
                    status.st_size,
                    status.st_mtime_ns,
                    status.st_ctime_ns,
                )
                whole.update(f"{parts} {len(path)}:".encode() + path)
        except OSError:
            return None
        return whole.digest()


def _is_text(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _newest(folder: Path) -> int | None:
    try:
        return max(status.st_ctime_ns for _, status in _statuses(folder)) // 1_000_000
    except OSError:
        return None


def _statuses(folder: Path) -> list[tuple[bytes, os.stat_result]]:
    """Return all entries of a folder and itself. Raises `OSError`."""
    found = [(b"", os.stat(folder, follow_symlinks=False))]
    left = [(b"", os.fsencode(folder))]
    while left:
        prefix, place = left.pop()
        with os.scandir(place) as entries:
            for entry in sorted(entries, key=lambda one: one.name):
                path = prefix + b"/" + entry.name
                found.append((path, entry.stat(follow_symlinks=False)))
                if entry.is_dir(follow_symlinks=False):
                    left.append((path, entry.path))
    return found
