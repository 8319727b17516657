"""Reading and placing skill folders. What others put there is never followed out of its place."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from pathlib import Path

from sps.lib import disk_tree, paths, terminal
from sps.lib.disk_tree import DiskTree
from sps.lib.file_tree import Refused, gather
from sps.model.errors import Absent, Misuse, WorkFailed
from sps.model.skills.tree import BOUNDS, SkillTree, tree_of_rows
from sps.ports.skill_store import Entry

_NO_LINKS = (errno.EPERM, errno.EACCES, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL)


class DiskSkillFolders:
    """Skill folders of this machine's file systems."""

    def read(self, folder: Path) -> SkillTree:
        """Return the files of a folder that is itself no link.

        Links in it that stay in it count as what they lead to; a `.git` at its top is left out.
        Raises `Misuse("source-refused")` that names the entry and why, `Absent("source-missing")`.
        """
        try:
            with DiskTree(folder) as disk:
                rows = disk_tree.contents(disk, gather(disk, "", BOUNDS), BOUNDS)
        except Refused as err:
            raise _refused(folder, str(err)) from err
        except FileNotFoundError as err:
            raise Absent("source-missing", f"there is no {folder}", where=str(folder)) from err
        except NotADirectoryError as err:
            why = "it is a link" if folder.is_symlink() else "it is no folder"
            raise _refused(folder, why) from err
        except OSError as err:
            raise _refused(folder, err.strerror or str(err)) from err
        return tree_of_rows(rows)

    def write(
        self,
        folder: Path,
        tree: SkillTree,
        *,
        writable: bool = True,
        inside: Path | None = None,
    ) -> None:
        """Make a folder that must not be there, whole or not at all, and those above it.

        With `inside`, nothing is written when links on the way lead out of that folder. Raises
        `FileExistsError`, `Misuse("source-refused")`, `WorkFailed("skills-unwritable")`.
        """
        _check(folder, inside)
        rows = [(file.path, file.content, file.executable) for file in tree.files.values()]
        try:
            disk_tree.write(folder, rows, writable=writable)
        except Refused as err:
            raise _refused(folder, str(err)) from err
        except FileExistsError:
            raise
        except OSError as err:
            raise _unwritable(folder, err) from err

    def link(self, place: Path, target: Path, *, inside: Path | None = None) -> bool:
        """Make a link to a folder; False where links do not work. `inside` as for `write`.

        Raises `FileExistsError`, `Misuse("source-refused")`, `WorkFailed("skills-unwritable")`.
        """
        _check(place, inside)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
        except OSError as err:
            raise _unwritable(place, err) from err
        try:
            place.symlink_to(target, target_is_directory=True)
        except FileExistsError:
            raise
        except OSError as err:
            if err.errno in _NO_LINKS:
                return False
            raise _unwritable(place, err) from err
        return True

    def entries(self, folder: Path) -> Sequence[Entry]:
        """Return what lies directly in a folder, by name; nothing when it is not there.

        `folder` of a link says whether it leads to one.
        """
        found: list[Entry] = []
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    target = os.readlink(entry.path) if entry.is_symlink() else None
                    found.append(Entry(name=entry.name, folder=_is_folder(entry), target=target))
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except OSError as err:
            raise _refused(folder, err.strerror or str(err)) from err
        return sorted(found, key=lambda one: one.name)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads in a circle
        return False


def _check(place: Path, inside: Path | None) -> None:
    if inside is not None and paths.inside(inside, place.parent) is None:
        raise _refused(place, f"a link on the way leads out of {inside}")


def _refused(folder: Path, why: str) -> Misuse:
    says = terminal.clean(f"the folder {folder} is refused: {why}")[:1000]
    return Misuse("source-refused", says, where=str(folder))


def _unwritable(place: Path, err: OSError) -> WorkFailed:
    says = f"{place} cannot be made: {err.strerror or err}"
    return WorkFailed("skills-unwritable", says, where=str(place))
