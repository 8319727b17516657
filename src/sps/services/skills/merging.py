"""Bringing a new version into a copy that was edited: three trees in, one tree or conflicts out."""

from __future__ import annotations

import os
from pathlib import Path

from sps.lib import atomic
from sps.model.errors import WorkFailed
from sps.model.skills.tree import SkillFile, SkillTree, tree_of
from sps.ports.skill_merge import Merge


class Merged:
    """What came out. Where both sides changed the same lines the path is a conflict, and the file
    stays as its owner left it."""

    def __init__(self, files: list[SkillFile], conflicts: list[str]) -> None:
        self.tree = tree_of(files)
        self.conflicts = conflicts


def merge_trees(merge: Merge, base: SkillTree, mine: SkillTree, theirs: SkillTree) -> Merged:
    """Merge file by file: what only one side changed is taken from it."""
    files: list[SkillFile] = []
    conflicts: list[str] = []
    for path in sorted({*base.files, *mine.files, *theirs.files}):
        trio = (base.files.get(path), mine.files.get(path), theirs.files.get(path))
        kept, clean = _merge(merge, *trio)
        if kept is not None:
            files.append(kept)
        if not clean:
            conflicts.append(path)
    return Merged(files, conflicts)


def _merge(
    merge: Merge, base: SkillFile | None, mine: SkillFile | None, theirs: SkillFile | None
) -> tuple[SkillFile | None, bool]:
    if theirs in (mine, base):
        return mine, True
    if mine == base:
        return theirs, True
    if mine is None or theirs is None:
        return mine, False  # one side took away what the other changed
    modes = {one.executable for one in (mine, theirs)}
    was = base.executable if base is not None else mine.executable
    executable = mine.executable if len(modes) == 1 else not was
    if mine.content == theirs.content:
        return SkillFile(path=mine.path, content=mine.content, executable=executable), True
    text = merge.merge(base.content if base is not None else b"", mine.content, theirs.content)
    if text is None or base is None:
        return mine, False
    return SkillFile(path=mine.path, content=text, executable=executable), True


def rewrite(folder: Path, mine: SkillTree, wanted: SkillTree) -> None:
    """Turn a folder from one tree into another, file by file. Killed in between it can be done
    again: each file is whole, and merging a merged file once more changes nothing.

    Raises `WorkFailed("folder-changed")` when something else than folders is on the way to a file.
    """
    for path, file in wanted.files.items():
        if mine.files.get(path) != file:
            place = _way(folder, path)
            atomic.write(place, file.content, mode=0o755 if file.executable else 0o644)
    for path in mine.files.keys() - wanted.files.keys():
        place = _way(folder, path)
        place.unlink(missing_ok=True)
        _tidy(folder, place.parent)


def _way(folder: Path, path: str) -> Path:
    place = folder
    for part in path.split("/")[:-1]:
        place /= part
        if place.is_symlink() or (place.exists() and not place.is_dir()):
            says = f"{place} is no folder"
            raise WorkFailed("folder-changed", says, where=str(place))
        place.mkdir(exist_ok=True)
    place = folder / path
    if place.is_dir() and not place.is_symlink():
        raise WorkFailed("folder-changed", f"{place} is a folder", where=str(place))
    return place


def _tidy(root: Path, folder: Path) -> None:
    while folder != root and not os.listdir(folder):
        folder.rmdir()
        folder = folder.parent
