"""YAML with anchors, merge keys and tags, as configuration files have them. Nothing is built from
tags, and an alias costs no copy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import yaml

from sps.adapters.checks_astgrep.document import DEPTH, PLACES, BrokenDocument, Place


def read(text: str) -> list[Place]:
    """Return the documents of a YAML file. Raises `BrokenDocument`."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    try:
        return _Builder().build(loader)
    except yaml.YAMLError as err:
        said = str(err).splitlines() or ["unknown"]
        raise BrokenDocument(f"no YAML: {said[0]}") from err
    finally:
        loader.dispose()


class _Events(Protocol):
    def check_event(self, *kinds: type) -> bool: ...
    def get_event(self) -> yaml.Event: ...


class _Mark(Protocol):
    line: int


@dataclass(slots=True)
class _Open:
    """A list or mapping that is being read."""

    place: Place
    anchor: str | None
    key: tuple[str, int] | None = None

    @property
    def wants_key(self) -> bool:
        return not self.place.listed and self.key is None


class _Builder:
    def __init__(self) -> None:
        self._roots: list[Place] = []
        self._stack: list[_Open] = []
        self._anchors: dict[str, Place] = {}
        self._count = 0

    def build(self, events: _Events) -> list[Place]:
        while not events.check_event(yaml.StreamEndEvent):
            self._take(events.get_event())
        return self._roots

    def _take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.DocumentStartEvent):
            self._anchors = {}
        elif isinstance(event, yaml.AliasEvent):
            # Unknown, or an alias inside its own anchor: then it stands for nothing.
            known = self._anchors.get(event.anchor or "") or Place(0, 0, "")
            line = _line(event.start_mark)
            self._value(Place(line, line, known.text, known.children, known.listed), None)
        elif isinstance(event, yaml.ScalarEvent):
            place = Place(_line(event.start_mark), _line(event.end_mark), event.value)
            self._value(place, event.anchor)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._open(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._close()

    def _value(self, place: Place, anchor: str | None) -> None:
        if anchor:
            self._anchors[anchor] = place
        if self._stack and self._stack[-1].wants_key:
            self._stack[-1].key = (place.text or "", place.line)
            return
        self._put(place)

    def _open(self, event: yaml.CollectionStartEvent) -> None:
        if len(self._stack) >= DEPTH:
            raise BrokenDocument(f"nested more than {DEPTH} levels deep")
        if self._stack and self._stack[-1].wants_key:
            raise BrokenDocument("a key is no text")
        line = _line(event.start_mark)
        place = Place(line, line, listed=isinstance(event, yaml.SequenceStartEvent))
        self._put(place)
        self._stack.append(_Open(place, event.anchor))

    def _close(self) -> None:
        done = self._stack.pop()
        place = done.place
        place.last = max([place.last, *(child.last for _, child in place.children)])
        for merged in place.under("<<"):
            for source in [child for _, child in merged.children] if merged.listed else [merged]:
                self._merge(place, source)
        if done.anchor:
            self._anchors[done.anchor] = place

    def _merge(self, into: Place, source: Place) -> None:
        """Show what a merge key brings as if it stood there."""
        there = {key for key, _ in into.children}
        for key, child in source.children:
            if key not in there:
                self._counted()
                into.add(key, Place(source.line, source.line, child.text, child.children,
                                    child.listed))  # fmt: skip

    def _put(self, place: Place) -> None:
        self._counted()
        if not self._stack:
            self._roots.append(place)
            return
        top = self._stack[-1]
        if top.place.listed:
            top.place.add(str(len(top.place.children)), place)
            return
        assert top.key is not None
        (key, place.line), top.key = top.key, None
        top.place.add(key, place)

    def _counted(self) -> None:
        self._count += 1
        if self._count > PLACES:
            raise BrokenDocument("too large")


def _line(mark: _Mark | None) -> int:
    return 1 if mark is None else mark.line + 1
