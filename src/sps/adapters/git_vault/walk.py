"""Walking a work tree that an agent left behind: by folder handles, never through a link.

No process of the agent lives any more, but what it left may be anything: links to `/`, pipes that
block their reader, folders without permissions or nested without end.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Set
from dataclasses import dataclass, field
from pathlib import Path

from sps.lib.open_folder import opened

DEEPEST = 100  #: folder levels that are looked at; what lies deeper is named and left out


@dataclass
class Scan:
    """What lies in a work tree, without the `.git` at its top. Paths are relative."""

    files: list[str] = field(default_factory=list)  #: regular files and links
    nested: list[str] = field(default_factory=list)  #: folders that are repositories of their own
    removed: list[str] = field(default_factory=list)  #: pipes, sockets, devices: they hold nothing
    deep: list[str] = field(default_factory=list)  #: folders below `DEEPEST`


def _entries(handle: int) -> list[os.DirEntry[str]]:
    with os.scandir(handle) as found:
        return sorted(found, key=lambda entry: entry.name)


def scan(root: Path, *, skip: Set[str] = frozenset()) -> Scan:
    """List a work tree. Pipes, sockets and devices are removed, because merely opening one may
    block; paths in `skip` are passed over."""
    found = Scan()
    with opened(root) as handle:
        _scan(handle, "", found, skip)
    return found


def _scan(handle: int, prefix: str, found: Scan, skip: Set[str]) -> None:
    for entry in _entries(handle):
        path = prefix + entry.name
        if path == ".git" or path in skip:
            continue
        if entry.name == ".git" and _repository(handle, entry):
            found.nested.append(prefix[:-1])
        if entry.is_dir(follow_symlinks=False):
            if path.count("/") >= DEEPEST:
                found.deep.append(path)
                continue
            with opened(entry.name, inside=handle) as below:
                _scan(below, path + "/", found, skip)
        elif entry.is_symlink() or entry.is_file(follow_symlinks=False):
            found.files.append(path)
        else:
            os.unlink(entry.name, dir_fd=handle)
            found.removed.append(path)


def _repository(handle: int, entry: os.DirEntry[str]) -> bool:
    """Tell whether git could take this `.git` for one: a link, a pointer file, or a folder with a
    HEAD."""
    if not entry.is_dir(follow_symlinks=False):
        return True
    try:
        with opened(entry.name, inside=handle) as below:
            os.stat("HEAD", dir_fd=below, follow_symlinks=False)
    except OSError:
        return False
    return True


def readable(root: Path, paths: list[str]) -> None:
    """Give us the right to read these regular files of ours."""
    for path in paths:
        try:
            found = os.lstat(root / path)
            if stat.S_ISREG(found.st_mode) and found.st_mode & 0o400 == 0:
                os.chmod(root / path, stat.S_IMODE(found.st_mode) | 0o400)
        except OSError:
            continue


def sweep(
    root: Path, files: Set[str], folders: Set[str], trash: Path, *, spared: Set[str] = frozenset()
) -> None:
    """Remove everything but these files and the folders above them; nested repositories and
    every `.git` included. A path in `spared` is left as it is."""
    with opened(root) as handle, opened(trash) as bin_:
        _Sweep(files, folders, spared, bin_).below(handle, "")
    empty(trash)


@dataclass(frozen=True)
class _Sweep:
    files: Set[str]
    folders: Set[str]
    spared: Set[str]
    trash: int

    def below(self, handle: int, prefix: str) -> None:
        for entry in _entries(handle):
            path = prefix + entry.name
            if path not in self.spared:
                self._one(entry, path, handle)

    def _one(self, entry: os.DirEntry[str], path: str, handle: int) -> None:
        if entry.is_dir(follow_symlinks=False):
            if path in self.folders and entry.name != ".git":
                with opened(entry.name, inside=handle) as below:
                    self.below(below, path + "/")
            else:
                throw(entry.name, handle, self.trash)
            return
        known = path in self.files
        if not known or not (entry.is_symlink() or entry.is_file(follow_symlinks=False)):
            os.unlink(entry.name, dir_fd=handle)


def throw(name: str, handle: int, trash: int) -> None:
    """Move a folder into the trash under a fresh name."""
    fresh = os.urandom(12).hex()
    try:
        os.rename(name, fresh, src_dir_fd=handle, dst_dir_fd=trash)
    except PermissionError:
        os.chmod(name, 0o700, dir_fd=handle)
        os.rename(name, fresh, src_dir_fd=handle, dst_dir_fd=trash)


def empty(trash: Path) -> None:
    """Empty the trash. Folders are lifted to its top one by one, so that no depth is too deep.

    Another thread may be at the same work; what it took away first is no error.
    """
    with opened(trash) as handle:
        while names := os.listdir(handle):
            for name in names:
                with contextlib.suppress(FileNotFoundError):
                    _flatten(name, handle)


def _flatten(name: str, trash: int) -> None:
    with opened(name, inside=trash) as handle:
        for entry in _entries(handle):
            if entry.is_dir(follow_symlinks=False):
                throw(entry.name, handle, trash)
            else:
                os.unlink(entry.name, dir_fd=handle)
    with contextlib.suppress(OSError):
        os.rmdir(name, dir_fd=trash)
