"""What would land: a tree, and how it differs from the target."""

from __future__ import annotations

import msgspec

from sps.ports.vault import Arrival, Diff


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """The tree that would land, and how it differs from the target."""

    base: str
    tree: str
    diff: Diff
    arrivals: tuple[Arrival, ...] = ()  #: commits the target would hold afterwards

    @property
    def paths(self) -> tuple[str, ...]:
        """Every path the change touches."""
        names = {name for file in self.diff.files for name in (file.path, file.old_path) if name}
        return tuple(sorted(names))

    @property
    def added(self) -> dict[str, tuple[tuple[int, int], ...]]:
        """The lines the change adds: per path, ranges of first and last."""
        ranges: dict[str, list[tuple[int, int]]] = {}
        for line in self.diff.added:
            known = ranges.setdefault(line.path, [])
            if known and known[-1][1] + 1 == line.line:
                known[-1] = (known[-1][0], line.line)
            else:
                known.append((line.line, line.line))
        return {path: tuple(found) for path, found in ranges.items()}
