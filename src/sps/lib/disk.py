"""How much room is left, and what kind of file system it is on."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

_FLOOR = 1024**3
_SHARE = 20


def low(path: Path) -> bool:
    """Whether less than 1 GiB, and less than a twentieth, of the disk under a path is free."""
    usage = shutil.disk_usage(path)
    return usage.free < min(_FLOOR, usage.total // _SHARE)


def kind_of(path: Path) -> str:
    """Return the type of the file system that holds a path; empty where it cannot be told."""
    best, kind = "", ""
    try:
        lines = Path("/proc/self/mountinfo").read_text(errors="replace").splitlines()
    except OSError:
        return ""
    real = os.path.realpath(path)
    for line in lines:
        left, _, right = line.partition(" - ")
        point = left.split()[4].replace("\\040", " ")
        inside = real == point or real.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, right.split()[0]
    return kind
