"""Merging two edits of one file."""

from __future__ import annotations

from typing import Protocol


class Merge(Protocol):
    """Three-way merges of texts."""

    def merge(self, base: bytes, mine: bytes, theirs: bytes) -> bytes | None:
        """Return a text with both changes; None when they meet in the same place or when one of
        the three is no text. Raises `Absent("git-missing")`."""
        ...
