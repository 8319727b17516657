"""A configuration file as a tree whose places know their lines."""

from __future__ import annotations

from dataclasses import dataclass, field

DEPTH = 60
PLACES = 200_000


class BrokenDocument(Exception):
    """The text is no file of its format, or one beyond the bounds of this reader."""


@dataclass(slots=True)
class Place:
    """A value: a scalar with its text, or a list or mapping with its children by key (for a list
    its indexes). `line` is where its key stands, `last` where the value ends."""

    line: int
    last: int
    text: str | None = None
    children: list[tuple[str, Place]] = field(default_factory=list)
    listed: bool = False

    def under(self, key: str) -> list[Place]:
        """Return the children with this key; more than one where the file repeats it."""
        return [child for name, child in self.children if name == key]

    def add(self, key: str, child: Place) -> Place:
        """Take a child and return it."""
        self.children.append((key, child))
        return child
