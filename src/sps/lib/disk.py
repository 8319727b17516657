"""How much room is left."""

from __future__ import annotations

import shutil
from pathlib import Path

_FLOOR = 1024**3
_SHARE = 20


def low(path: Path) -> bool:
    """Whether less than 1 GiB, and less than a twentieth, of the disk under a path is free."""
    usage = shutil.disk_usage(path)
    return usage.free < min(_FLOOR, usage.total // _SHARE)
