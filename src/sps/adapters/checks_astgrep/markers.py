"""Looking for markers: a regular expression in any file of a glob."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator

from sps.adapters.checks_astgrep.files import Files
from sps.adapters.checks_astgrep.globs import matcher
from sps.adapters.checks_astgrep.literals import holder, of_regex
from sps.model.skills.declared import Marker


class Markers:
    """Remembers what was found: many checks ask for the same."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._found: dict[Marker, bool] = {}
        self._named: dict[str, tuple[str, ...]] = {}

    def anywhere(self, marker: Marker) -> bool:
        """Say whether any file of the tree holds it."""
        known = self._found.get(marker)
        if known is None:
            paths = self._paths(marker.glob)
            known = self._found[marker] = any(self.line(path, marker) for path in paths)
        return known

    def places(self, marker: Marker, paths: Iterable[str]) -> Iterator[tuple[str, int]]:
        """Give path and first line of each of these files that holds it."""
        named = matcher(marker.glob)
        for path in paths:
            line = self.line(path, marker) if named.fullmatch(path) else 0
            if line:
                yield path, line

    def line(self, path: str, marker: Marker) -> int:
        """Return the first line of a file that holds it, 0 when none does."""
        text = self._files.text(path)
        if not text or not _need(marker.text).met(holder(text)):
            return 0
        found = _pattern(marker.text).search(text)
        return text.count("\n", 0, found.start()) + 1 if found else 0

    def _paths(self, glob: str) -> tuple[str, ...]:
        known = self._named.get(glob)
        if known is None:
            named = matcher(glob)
            known = tuple(path for path in self._files.tree if named.fullmatch(path))
            self._named[glob] = known
        return known


_need = functools.cache(of_regex)


@functools.cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.MULTILINE)
