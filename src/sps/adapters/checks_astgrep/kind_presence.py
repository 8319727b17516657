"""Checks that want something to be there at all."""

from __future__ import annotations

from collections.abc import Callable

from sps.adapters.checks_astgrep.files import Files
from sps.adapters.checks_astgrep.markers import Markers
from sps.adapters.checks_astgrep.verdicts import Ours, Verdicts
from sps.model.skills.declared import Presence, When


def look(
    ours: Ours,
    rule: Presence,
    wants: Callable[[str], bool],
    *,
    files: Files,
    markers: Markers,
    verdicts: Verdicts,
) -> None:
    """Report the first marker of the change when nothing that belongs to it is in the tree."""
    place = _marked(ours, rule, wants, files, markers)
    if place is None:
        return
    verdicts.ran(ours)
    if any(markers.anywhere(one) for one in rule.wants):
        return
    if not files.whole:
        verdicts.unclear(ours.skill, ours.check.id, "the tree has too many files to search it all")
        return
    verdicts.hit(ours, place[0], place[1], place[1])


def _marked(
    ours: Ours, rule: Presence, wants: Callable[[str], bool], files: Files, markers: Markers
) -> tuple[str, int] | None:
    """Return the first place of a marker that counts, one in a changed file before any other."""
    when = ours.check.when
    changed = [path for path in sorted(files.added) if wants(path)]
    places = [place for marker in rule.marker for place in markers.places(marker, changed)]
    if when is When.ADDED_LINES:
        places = [(path, line) for path, line in places if files.touched(path, line, line)]
    if not places and when is When.REPO:
        every = [path for path in files.tree if wants(path)]
        places = [place for marker in rule.marker for place in markers.places(marker, every)]
    return min(places, default=None)
