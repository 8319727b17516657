"""How much of a source is looked at. Whatever has more is refused, never cut."""

from __future__ import annotations

from typing import NamedTuple

_MIB = 1024 * 1024


class Limits(NamedTuple):
    """Numbers for one source; sizes in bytes."""

    search_depth: int = 6  #: folders above a SKILL.md
    search_folders: int = 2000
    depth: int = 40  #: parts of any path in an archive or repository
    entries: int = 100_000  #: of an archive or repository
    size: int = 200 * _MIB  #: all skills of a source, or all that an archive holds, unpacked
    archive: int = 100 * _MIB  #: the archive itself
    ratio: int = 200  #: unpacked to packed, from `ratio_from` on
    ratio_from: int = 4 * _MIB
    fetched: int = 1024 * _MIB  #: one file that git writes
    seconds: float = 120.0  #: one git command
