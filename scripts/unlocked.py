"""Prints the packages of this environment that no lock file names, but for pip and SPS itself.

usage: python scripts/unlocked.py LOCK...
"""

from __future__ import annotations

import re
import sys
from importlib.metadata import distributions
from pathlib import Path

_NAMED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==", re.MULTILINE)
_OURS = ("pip", "sps")  # pip installs the build and is what is left when uv reaches no index


def unlocked(locks: list[str]) -> list[str]:
    """Return their names, sorted."""
    named = {_plain(name) for lock in locks for name in _NAMED.findall(Path(lock).read_text())}
    return sorted({_plain(one.name) for one in distributions()} - named - set(_OURS))


def _plain(name: str) -> str:
    """Return the one spelling of a package's name."""
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    sys.stdout.writelines(f"{name}\n" for name in unlocked(sys.argv[1:]))
