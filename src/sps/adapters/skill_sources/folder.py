"""A folder of this machine as a source."""

from __future__ import annotations

from collections.abc import Sequence

from sps.lib.disk_tree import DiskTree
from sps.lib.file_tree import Item
from sps.model.skills.tree import BOUNDS


class FolderTree:
    """A folder that is open for reading."""

    notes: tuple[str, ...] = ()

    def __init__(self, disk: DiskTree) -> None:
        self.listing = disk

    def read(self, items: Sequence[Item]) -> dict[str, bytes]:
        """Return the content of gathered files by their real path."""
        return {item.real: self.listing.content(item.real, BOUNDS.size)[0] for item in items}
