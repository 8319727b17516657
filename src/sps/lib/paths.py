"""Paths from untrusted hands."""

from __future__ import annotations

import os
from pathlib import Path


def inside(root: Path, path: str | os.PathLike[str]) -> Path | None:
    """Return the canonical path if it lies in `root` once every link is followed, else None.

    Relative paths are taken from `root`. A sibling that merely shares a prefix is outside.
    """
    text = os.fspath(path)
    if "\0" in text:
        return None
    base = Path(os.path.realpath(root))
    full = Path(os.path.realpath(base / text))
    return full if full == base or full.is_relative_to(base) else None
