"""YAML from untrusted hands, as a tree of nodes that know where they stand.

Stricter than YAML: one document, no anchors, aliases or tags, scalars as keys, no key twice in a
mapping, bounded depth. Plain scalars mean what YAML 1.2 says: `no` and `2026-01-31` are text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn, Protocol, TypeAlias

import yaml

if TYPE_CHECKING:
    from yaml import Event

_UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_NULL = re.compile(r"~|null|Null|NULL|")
_TRUE = re.compile(r"true|True|TRUE")
_FALSE = re.compile(r"false|False|FALSE")
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)")


class BrokenYaml(Exception):
    """The text is not what this module reads. Line and column count from 1."""

    def __init__(self, code: str, message: str, *, line: int, column: int) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value. `start` and `end` count characters of the text that was read."""

    text: str
    plain: bool  #: written without quotes
    line: int
    column: int
    start: int
    end: int

    @property
    def is_null(self) -> bool:
        return self.plain and _NULL.fullmatch(self.text) is not None

    def as_bool(self) -> bool | None:
        """Return the truth value, None when it is none."""
        if self.plain and _TRUE.fullmatch(self.text):
            return True
        return False if self.plain and _FALSE.fullmatch(self.text) else None

    def as_int(self) -> int | None:
        """Return the whole number (at most 18 digits), None when it is none."""
        return int(self.text) if self.plain and _INTEGER.fullmatch(self.text) else None

    def as_float(self) -> float | None:
        """Return the number, None when it is none."""
        if self.plain and _NUMBER.fullmatch(self.text):
            return float(self.text.lower().replace(".inf", "inf"))
        return None

    def as_text(self) -> str | None:
        """Return the text; None for null, a truth value or a number without quotes."""
        is_text = not self.plain or (
            not self.is_null and self.as_bool() is None and self.as_float() is None
        )
        return self.text if is_text else None


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list. `end` is where its last value or its closing bracket ends."""

    items: tuple[Node, ...]
    line: int
    column: int
    start: int
    end: int
    flow: bool = False  #: written in brackets


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and values in their order; no key twice."""

    pairs: tuple[tuple[Scalar, Node], ...]
    flow: bool  #: written in braces
    line: int
    column: int
    start: int
    end: int

    def __iter__(self) -> Iterator[tuple[Scalar, Node]]:
        return iter(self.pairs)


Node: TypeAlias = Scalar | Sequence | Mapping


def found(node: Node) -> str:
    """Say in words what stands there, for an error message."""
    if isinstance(node, Sequence):
        return "a list"
    if isinstance(node, Mapping):
        return "a mapping"
    if node.is_null:
        return "nothing"
    if node.as_bool() is not None:
        return f"the truth value {node.text}"
    shown = node.text if len(node.text) <= 40 else node.text[:39] + "…"
    return f"the number {shown}" if node.as_text() is None else f"the text {shown!r}"


def parse(text: str, *, depth: int = 20) -> Node | None:
    """Return the root node, None when there is nothing but comments. Raises `BrokenYaml`."""
    bad = _UNPRINTABLE.search(text)
    if bad:
        before = text[: bad.start()]
        raise BrokenYaml(
            "invalid-yaml",
            f"the character U+{ord(bad.group()):04X} is not allowed here",
            line=before.count("\n") + 1,
            column=bad.start() - before.rfind("\n"),
        )
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    try:
        return _Composer(loader, depth).document()
    except yaml.MarkedYAMLError as err:
        mark = err.problem_mark or err.context_mark
        says = ", ".join(part for part in (err.context, err.problem) if part)
        raise _broken("invalid-yaml", says or "this is no YAML", mark) from err
    except yaml.YAMLError as err:
        raise BrokenYaml("invalid-yaml", f"this is no YAML: {err}", line=1, column=1) from err
    finally:
        loader.dispose()


def _broken(code: str, message: str, mark: _Mark | None) -> BrokenYaml:
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return BrokenYaml(code, message, line=line, column=column)


class _Mark(Protocol):
    line: int
    column: int
    index: int


class _Events(Protocol):
    def get_event(self) -> Event: ...


class _Composer:
    """Builds nodes from the parser's events, so that nothing is expanded before it is judged."""

    def __init__(self, events: _Events, depth: int) -> None:
        self._events = events
        self._depth = depth

    def document(self) -> Node | None:
        self._events.get_event()  # the stream's start
        event = self._events.get_event()
        if isinstance(event, yaml.StreamEndEvent):
            return None
        root = self._node(self._events.get_event(), 0)
        self._events.get_event()  # the document's end
        event = self._events.get_event()
        if not isinstance(event, yaml.StreamEndEvent):
            self._refuse("second-document", "only one YAML document may stand here", event)
        return root

    def _node(self, event: Event, depth: int) -> Node:
        if isinstance(event, yaml.AliasEvent):
            self._refuse("yaml-alias", "aliases (*) are not allowed", event)
        assert isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent)
        if event.anchor is not None:
            self._refuse("yaml-alias", "anchors (&) are not allowed", event)
        if event.tag is not None:
            self._refuse("yaml-tag", f"the tag {event.tag!r} is not allowed", event)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if depth >= self._depth:
            self._refuse("too-deep", f"nested more than {self._depth} levels deep", event)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(event, depth)
        return self._mapping(event, depth)

    def _scalar(self, event: yaml.ScalarEvent) -> Scalar:
        start, end = _begin(event), _end(event)
        plain = bool(event.implicit[0])
        return Scalar(event.value, plain, start.line + 1, start.column + 1, start.index, end.index)

    def _sequence(self, event: yaml.CollectionStartEvent, depth: int) -> Sequence:
        items: list[Node] = []
        while not isinstance(inner := self._events.get_event(), yaml.SequenceEndEvent):
            items.append(self._node(inner, depth + 1))
        start, flow = _begin(event), bool(event.flow_style)
        # A block list ends for the parser only where the next thing begins.
        end = _end(inner).index if flow or not items else items[-1].end
        return Sequence(tuple(items), start.line + 1, start.column + 1, start.index, end, flow)

    def _mapping(self, event: yaml.CollectionStartEvent, depth: int) -> Mapping:
        pairs: list[tuple[Scalar, Node]] = []
        seen: dict[str, int] = {}
        while not isinstance(inner := self._events.get_event(), yaml.MappingEndEvent):
            key = self._node(inner, depth + 1)
            if not isinstance(key, Scalar):
                self._refuse("bad-key", f"a key has to be text, found {found(key)}", inner)
            if key.text in seen:
                says = (
                    f"the key {key.text!r} stands here a second time, after line {seen[key.text]}"
                )
                self._refuse("duplicate-key", says, inner)
            seen[key.text] = key.line
            pairs.append((key, self._node(self._events.get_event(), depth + 1)))
        start, flow = _begin(event), bool(event.flow_style)
        end = _end(inner).index if flow or not pairs else pairs[-1][1].end
        return Mapping(tuple(pairs), flow, start.line + 1, start.column + 1, start.index, end)

    def _refuse(self, code: str, message: str, event: Event) -> NoReturn:
        raise _broken(code, message, event.start_mark)


def _begin(event: Event) -> _Mark:
    assert event.start_mark is not None
    return event.start_mark


def _end(event: Event) -> _Mark:
    assert event.end_mark is not None
    return event.end_mark
