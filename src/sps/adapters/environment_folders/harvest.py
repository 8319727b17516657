"""Taking over what a setup made: copied file by file, and refused where it reaches out.

The setup ran commands of strangers. What it left may be links to anywhere, pipes, folders without
permissions, programs that want to run as somebody else. Only plain files, folders and links that
stay where every sandbox can follow them are kept, without any special bit.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from sps.lib.file_copy import pour
from sps.lib.open_folder import as_it_is, opened
from sps.model.errors import WorkFailed
from sps.ports.environments import Recipe

DEEPEST = 100
_MOST_FILES = 1_000_000
_MOST_NAMED = 20
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_SYSTEM = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"),
    *("/nix/store", "/dev/null"),
)


def refused(says: str) -> WorkFailed:
    """Make the error for an outcome that is not kept."""
    return WorkFailed("setup-refused", says)


def harvest(recipe: Recipe, target: Path, *, most_bytes: int) -> tuple[str, ...]:
    """Copy the kept paths of a checkout below `target` and return what was left out. Raises
    `WorkFailed("setup-refused")`."""
    work = _Harvest(recipe, most_bytes)
    with opened(recipe.root) as root:
        for path in recipe.keep:
            work.take(root, path, target)
    return tuple(work.left_out)


@dataclass
class _Harvest:
    recipe: Recipe
    most_bytes: int
    left_out: list[str] = field(default_factory=list)
    files: int = 0
    bytes: int = 0

    def take(self, root: int, path: str, target: Path) -> None:
        """Copy one kept path."""
        *folders, name = path.split("/")
        place = target.joinpath(*folders)
        place.mkdir(mode=0o755, parents=True, exist_ok=True)
        handle = os.dup(root)
        try:
            for part in folders:
                try:
                    with opened(part, inside=handle) as below:
                        following = os.dup(below)
                except OSError as err:
                    raise refused(f"the setup did not make {path}") from err
                os.close(handle)
                handle = following
            try:
                found = os.stat(name, dir_fd=handle, follow_symlinks=False)
            except OSError as err:
                raise refused(f"the setup did not make {path}") from err
            if stat.S_ISLNK(found.st_mode):
                raise refused(f"{path} is a link, not what the setup made")
            with as_it_is(place) as to:
                self._one(handle, name, to, path)
        finally:
            os.close(handle)

    def _one(self, from_: int, name: str, to: int, path: str) -> None:
        found = os.stat(name, dir_fd=from_, follow_symlinks=False)
        if stat.S_ISDIR(found.st_mode):
            self._folder(from_, name, to, path)
        elif stat.S_ISLNK(found.st_mode):
            self._count(path, 0)
            link = os.readlink(name, dir_fd=from_)
            self._check(path, link)
            os.symlink(link, name, dir_fd=to)
        elif stat.S_ISREG(found.st_mode):
            self._count(path, found.st_size)
            _copy(from_, name, to, found)
        elif len(self.left_out) < _MOST_NAMED:
            self.left_out.append(f"{path} (a pipe, socket or device)")

    def _folder(self, from_: int, name: str, to: int, path: str) -> None:
        if path.count("/") >= DEEPEST:
            raise refused(f"{path} lies deeper than {DEEPEST} folders")
        os.mkdir(name, 0o755, dir_fd=to)
        with opened(name, inside=from_) as inner, as_it_is(name, inside=to) as outer:
            for entry in sorted(os.listdir(inner)):
                self._one(inner, entry, outer, f"{path}/{entry}")

    def _count(self, path: str, size: int) -> None:
        self.files += 1
        self.bytes += size
        if self.files > _MOST_FILES:
            raise refused(f"the setup made more than {_MOST_FILES} files")
        if self.bytes > self.most_bytes:
            raise refused(
                f"the setup made more than {self.most_bytes} bytes, all that environments may have "
                f"together (at {path}); SPS_ENVIRONMENTS_LIMIT raises that"
            )

    def _check(self, path: str, link: str) -> None:
        """Refuse a link that leads where a workspace has nothing, or to somebody else's."""
        where = os.path.normpath(os.path.join(self.recipe.root, os.path.dirname(path), link))
        allowed = (self.recipe.root, *self.recipe.may_lead_to, *_SYSTEM)
        if not any(where == top or where.startswith(f"{top}/") for top in allowed):
            raise refused(
                f"the link {path} leads out of the environment, to {link}; a folder of the machine "
                "that it needs has to stand in `tools`"
            )


def _copy(from_: int, name: str, to: int, found: os.stat_result) -> None:
    source = os.open(name, _READ, dir_fd=from_) if found.st_mode & 0o400 else _unlocked(from_, name)
    try:
        target = os.open(name, _NEW, 0o600, dir_fd=to)
        try:
            pour(source, target)
            os.utime(target, ns=(found.st_mtime_ns, found.st_mtime_ns))
            os.fchmod(target, 0o555 if found.st_mode & 0o100 else 0o444)
        finally:
            os.close(target)
    finally:
        os.close(source)


def _unlocked(from_: int, name: str) -> int:
    """Open a file of ours that its maker may not read."""
    os.chmod(name, 0o600, dir_fd=from_)
    return os.open(name, _READ, dir_fd=from_)
