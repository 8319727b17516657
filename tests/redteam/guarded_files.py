"""Files that no attack may read or change."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.skill_makers import put, text

CANARY = "CANARY-7f3a"
_SMALL = 1024 * 1024


def snapshot(folder: Path) -> dict[str, str]:
    """All of a folder: kinds, modes, contents and where links lead."""
    found = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        what = f"{stat.filemode(status.st_mode)} {status.st_nlink}"
        if path.is_symlink():
            what += os.readlink(path)
        elif stat.S_ISREG(status.st_mode) and status.st_size < _SMALL:
            what += hashlib.sha256(path.read_bytes()).hexdigest()
        found[str(path.relative_to(folder))] = what
    return found


@contextmanager
def guarded(root: Path) -> Iterator[Path]:
    """Give a folder of files that are nobody's business; check at the end that they are as they
    were."""
    folder = root / "outside"
    put(folder / "canary", CANARY)
    put(folder / "SKILL.md", text("stolen") + CANARY)
    put(root / "canary", CANARY)
    before = snapshot(folder)
    yield folder
    assert snapshot(folder) == before
    assert (root / "canary").read_text() == CANARY
