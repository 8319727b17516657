"""One hash for all that a skill brings with it."""

from __future__ import annotations

from pathlib import Path

from sps.lib import disk_tree
from sps.lib.disk_tree import DiskTree
from sps.lib.file_tree import Refused
from sps.model.errors import Misuse
from sps.model.skills.tree import BOUNDS, tree_of_rows


def of(folder: Path) -> tuple[str, list[str]]:
    """Return the digest of all regular files of a folder, as `SkillTree.digest`, and their paths.

    Links are neither followed nor counted. Raises `Misuse("skill-too-large")`, `OSError`.
    """
    try:
        with DiskTree(folder) as disk:
            rows, _ = disk_tree.regular(disk, BOUNDS)
    except Refused as err:
        if isinstance(err.__cause__, OSError):
            raise err.__cause__ from err
        says = f"the skill {folder.name} has {err}"
        raise Misuse("skill-too-large", says, where=str(folder)) from err
    tree = tree_of_rows(rows)
    return tree.digest, sorted(tree.files)
