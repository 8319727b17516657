"""The entries of an archive, and how much of it may be unpacked."""

from __future__ import annotations

from typing import NamedTuple

from sps.adapters.skill_sources import address
from sps.adapters.skill_sources.limits import Limits
from sps.lib import file_names
from sps.lib.file_tree import FILE
from sps.model.errors import Misuse


class Entry(NamedTuple):
    """One entry as the archive has it. `content` is None for a folder."""

    path: str
    kind: str
    content: bytes = b""
    executable: bool = False


class Budget:
    """What may still be unpacked. Every inflated byte is counted, whatever the headers say."""

    def __init__(self, limits: Limits, packed: int) -> None:
        self._limits = limits
        self._packed = packed
        self._size = 0
        self._entries = 0

    @property
    def left(self) -> int:
        """How many bytes may still come, and one more to notice that they are too many."""
        return self._limits.size - self._size + 1

    def spend(self, count: int) -> None:
        """Count bytes. Raises `Misuse("source-refused")`."""
        self._size += count
        if self._size > self._limits.size:
            raise address.refused(f"the archive unpacks to more than {self._limits.size} bytes")
        most = max(self._limits.ratio_from, self._packed * self._limits.ratio)
        if self._size > most:
            says = f"the archive unpacks to more than {self._limits.ratio} times its size"
            raise address.refused(f"{says}: a bomb")

    def enter(self) -> None:
        """Count an entry. Raises `Misuse("source-refused")`."""
        self._entries += 1
        if self._entries > self._limits.entries:
            raise address.refused(f"the archive has more than {self._limits.entries} entries")


def checked(raw: str) -> str:
    """Return the path of an entry without a leading `./` and a final slash; "" for the root.

    Raises `Misuse("source-refused")`.
    """
    path = raw
    while path.startswith("./"):
        path = path[2:]
    path = path.removesuffix("/")
    if path in ("", ".") and not raw.startswith("/"):
        return ""
    why = file_names.path_fault(path)
    if why is not None:
        raise refused_entry(raw, why)
    return path


def refused_entry(path: str, why: str) -> Misuse:
    """Return the error that names an entry."""
    return address.refused(f"the archive's entry {path[:300]!r} is refused: {why}")


def file_entry(path: str, content: bytes, *, executable: bool) -> Entry:
    """Return the entry of a regular file."""
    return Entry(path, FILE, content, executable)
