"""One hash for all that a skill brings with it."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

from sps.lib import disk_tree
from sps.lib.disk_tree import DiskTree
from sps.lib.file_tree import Bounds, Refused, Row
from sps.model.errors import Misuse
from sps.model.skills.tree import BYTES_LIMIT, DEPTH_LIMIT, FILES_LIMIT

BOUNDS = Bounds(FILES_LIMIT, BYTES_LIMIT, DEPTH_LIMIT)


def of(folder: Path) -> tuple[str, list[str]]:
    """Return the sha-256 over path, mode (executable or not) and content of each regular file, as
    `SkillTree.digest` does, and their paths.

    Links are neither followed nor counted. Raises `Misuse("skill-too-large")`, `OSError`.
    """
    try:
        with DiskTree(folder) as tree:
            rows, _ = disk_tree.regular(tree, BOUNDS)
    except Refused as err:
        if isinstance(err.__cause__, OSError):
            raise err.__cause__ from err
        says = f"the skill {folder.name} has {err}"
        raise Misuse("skill-too-large", says, where=str(folder)) from err
    whole = sha256()
    for raw, mode, digest in sorted(_row(row) for row in rows):
        whole.update(f"{mode} {digest} {len(raw)}:".encode() + raw)
    return whole.hexdigest(), sorted(path for path, _, _ in rows)


def _row(row: Row) -> tuple[bytes, str, str]:
    path, content, executable = row
    return os.fsencode(path), "755" if executable else "644", sha256(content).hexdigest()
