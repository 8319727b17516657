"""Following a path through a configuration file."""

from __future__ import annotations

from dataclasses import dataclass

from sps.adapters.checks_astgrep.document import BrokenDocument, Place
from sps.model.skills.config_path import ConfigPath

_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Reached:
    """A place that a path leads to, and the keys that its stars stood for."""

    place: Place
    stars: tuple[str, ...] = ()


def places_at(root: Place, path: ConfigPath, bound: tuple[str, ...] = ()) -> list[Reached]:
    """Return every place at a path. The first stars stand only for the `bound` keys. Raises
    `BrokenDocument` when there are too many."""
    found = [Reached(root)]
    for part in path:
        found = [deeper for one in found for deeper in _step(one, part, bound)]
        if len(found) > _MOST:
            raise BrokenDocument("too many places")
    return found


def _step(at: Reached, part: str | None, bound: tuple[str, ...]) -> list[Reached]:
    if part is not None:
        return [Reached(child, at.stars) for child in at.place.under(part)]
    number = len(at.stars)
    wanted = bound[number] if number < len(bound) else None
    return [
        Reached(child, (*at.stars, key))
        for key, child in at.place.children
        if (wanted is None or key == wanted) and key != "<<"
    ]


def shared_stars(path: ConfigPath, other: ConfigPath) -> int:
    """Return how many stars two paths have in common before they part."""
    count = 0
    for one, two in zip(path, other, strict=False):
        if one != two:
            break
        count += one is None
    return count
