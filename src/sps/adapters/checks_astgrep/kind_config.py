"""Checks that look at configuration files."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from sps.adapters.checks_astgrep import read_json, read_toml, read_yaml
from sps.adapters.checks_astgrep.document import BrokenDocument, Place
from sps.adapters.checks_astgrep.files import Files
from sps.adapters.checks_astgrep.places import Reached, places_at, shared_stars
from sps.adapters.checks_astgrep.verdicts import Ours, Verdicts
from sps.model.skills.config_path import star_prefix
from sps.model.skills.declared import ConfigFormat, ConfigRule, Must

_READERS = {
    ConfigFormat.YAML: read_yaml.read,
    ConfigFormat.TOML: read_toml.read,
    ConfigFormat.JSON: read_json.read,
}
#: Templates are no files of their format yet; GitHub's `${{` is no template.
_TEMPLATE = re.compile(r"(?<!\$)\{\{|\{%")
Span = tuple[int, int]


class ConfigKind:
    """Runs assertions; each file is read once per format."""

    def __init__(self, files: Files, verdicts: Verdicts) -> None:
        self._files = files
        self._verdicts = verdicts
        self._documents: dict[tuple[str, ConfigFormat], list[Place] | BrokenDocument] = {}

    def look(self, ours: Ours, rule: ConfigRule, path: str) -> None:
        """Check one file."""
        text = self._files.text(path)
        if text is None:
            return
        self._verdicts.ran(ours)
        lines = self._files.lines(path)
        try:
            spans = list(self._breaches(rule, path, text, lines))
        except BrokenDocument as err:
            if not _TEMPLATE.search(text):
                self._verdicts.unclear(ours.skill, ours.check.id, f"{path}: {err}")
            return
        for first, last in spans:
            self._verdicts.hit(ours, path, first, last)

    def _breaches(self, rule: ConfigRule, path: str, text: str, lines: list[str]) -> Iterator[Span]:
        begin = 1
        if rule.within:
            found = _pattern(rule.within, re.MULTILINE).search(text)
            if not found:
                return
            begin = text.count("\n", 0, found.start()) + 1
        if rule.format is ConfigFormat.LINES:
            yield from _in_lines(rule, lines, begin)
            return
        for root in self._read(rule.format, path, text):
            yield from _in_document(rule, root, lines)

    def _read(self, form: ConfigFormat, path: str, text: str) -> list[Place]:
        key = (path, form)
        if key not in self._documents:
            try:
                self._documents[key] = _READERS[form](text)
            except BrokenDocument as err:
                self._documents[key] = err
        found = self._documents[key]
        if isinstance(found, BrokenDocument):
            raise found
        return found


def _in_lines(rule: ConfigRule, lines: list[str], begin: int) -> Iterator[Span]:
    if rule.forbid:
        for number, line in enumerate(lines, 1):
            excused = rule.unless and _pattern(rule.unless).search(line)
            if _pattern(rule.forbid).search(line) and not excused:
                yield number, number
    if rule.require and not any(_pattern(rule.require).search(line) for line in lines):
        yield begin, begin


def _in_document(rule: ConfigRule, root: Place, lines: list[str]) -> Iterator[Span]:
    if rule.must is Must.PRESENT:
        yield from _missing(rule, root, lines)
        return
    for found in places_at(root, rule.path):
        if not _concerned(rule, root, found, lines):
            continue
        place = found.place
        if rule.must is Must.ABSENT:
            yield place.line, place.line
        elif _matches(rule.text, place, lines) is (rule.must is Must.NEVER):
            yield place.line, max(place.line, place.last)


def _missing(rule: ConfigRule, root: Place, lines: list[str]) -> Iterator[Span]:
    """Give each place that lacks the rest of the path. After a last `*` there is no rest: then
    something has to be there at all."""
    head = star_prefix(rule.path)
    if len(head) == len(rule.path):
        head = rule.path[:-1]
    tail = rule.path[len(head) :]
    for found in places_at(root, head):
        if not places_at(found.place, tail) and _concerned(rule, root, found, lines):
            yield found.place.line, found.place.line


def _concerned(rule: ConfigRule, root: Place, found: Reached, lines: list[str]) -> bool:
    where = rule.where
    if where is None:
        return True
    bound = found.stars[: shared_stars(rule.path, where.path)]
    there = places_at(root, where.path, bound)
    if where.must is Must.PRESENT:
        return bool(there)
    if where.must is Must.ABSENT:
        return not there
    hits = [_matches(where.text, one.place, lines) for one in there]
    return bool(hits) and all(hit is (where.must is Must.MATCHES) for hit in hits)


def _matches(text: str, place: Place, lines: list[str]) -> bool:
    said = place.text
    if said is None:
        said = "\n".join(lines[place.line - 1 : place.last])
    return _pattern(text).search(said) is not None


@functools.cache
def _pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    return re.compile(text, flags)
