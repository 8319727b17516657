"""One mapping of a pipeline file: typed questions, and a mistake for each wrong answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import TypeVar

from sps.adapters.pipeline_files import duration
from sps.lib.nearest import suggestion
from sps.lib.yaml_nodes import Mapping, Node, Scalar, Sequence, found
from sps.model.pipeline import Note
from sps.ports.files import Mistake

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")

LIST_LIMIT = 256
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_TEXT_LIMIT = 4096
Check = Callable[[str], str | None]


class Mistakes:
    """The mistakes of one file, in the order of the file."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._found: list[Mistake] = []
        self._notes: list[Note] = []

    def add(self, node: Node, code: str, message: str) -> None:
        self.at(node.line, node.column, code, message)

    def at(self, line: int, column: int, code: str, message: str) -> None:
        mistake = Mistake(file=self._file, line=line, column=column, code=code, message=message)
        self._found.append(mistake)

    def all(self) -> list[Mistake]:
        return sorted(self._found, key=lambda mistake: (mistake.line, mistake.column))

    def note(self, node: Node, key: str, says: str) -> None:
        """Note a key that is understood and has no effect."""
        self._notes.append(Note(line=node.line, key=key, says=says))

    @property
    def notes(self) -> tuple[Note, ...]:
        return tuple(sorted(self._notes, key=lambda note: note.line))


class Section:
    """A mapping with a known set of keys. A question about a key that is absent, empty or wrong
    answers None; what was wrong is among the mistakes."""

    def __init__(
        self, node: Mapping, keys: Iterable[str], mistakes: Mistakes, *, place: str = ""
    ) -> None:
        self.node = node
        self.mistakes = mistakes
        self._place = f"{place}." if place else ""
        self._nodes: dict[str, Node] = {}
        known = tuple(keys)
        for key, value in node:
            if key.text not in known:
                says = f"unknown key {self._place}{key.text}{suggestion(key.text, known)}"
                mistakes.add(key, "unknown-key", f"{says} (keys here: {', '.join(known)})")
            elif not (isinstance(value, Scalar) and value.is_null):
                self._nodes[key.text] = value

    def __contains__(self, key: str) -> bool:
        return key in self._nodes

    def at(self, key: str) -> Node:
        """Return where a key's value stands, else the section itself."""
        return self._nodes.get(key, self.node)

    def note(self, key: str, says: str) -> None:
        """Note that a key has no effect, where it stands in the file."""
        if key in self._nodes:
            self.mistakes.note(self._nodes[key], self._place + key, says)

    def wrong(self, key: str, code: str, message: str) -> None:
        """Note a mistake in the value of a key."""
        self.mistakes.add(self.at(key), code, f"{self._place}{key}: {message}")

    def text(self, key: str, check: Check | None = None) -> str | None:
        node = self._nodes.get(key)
        return None if node is None else self._text(key, node, check)

    def texts(self, key: str, check: Check | None = None) -> tuple[str, ...]:
        items = (self._text(key, item, check) for item in self._items(key))
        return tuple(item for item in items if item is not None)

    def joined(self, key: str, check: Check) -> str | None:
        """Return a text, or those of a list with commas between."""
        if not isinstance(self._nodes.get(key), Sequence):
            return self.text(key, check)
        return ", ".join(self.texts(key, check)) or None

    def integer(self, key: str, low: int, high: int) -> int | None:
        value = self._scalar(key, "a whole number", Scalar.as_int)
        if value is not None and not low <= value <= high:
            self.wrong(key, "bad-number", f"lies between {low} and {high}, found {value}")
            return None
        return value

    def amount(self, key: str) -> float | None:
        """Return a number greater than zero."""
        value = self._scalar(key, "a number", Scalar.as_float)
        if value is not None and not 0 < value < float("inf"):
            self.wrong(key, "bad-number", f"has to be greater than 0, found {value:g}")
            return None
        return value

    def share(self, key: str) -> float | None:
        """Return a part of the whole, from 0 to 1."""
        value = self._scalar(key, "a number from 0 to 1", Scalar.as_float)
        if value is not None and not 0 <= value <= 1:
            self.wrong(key, "bad-number", f"has to lie between 0 and 1, found {value:g}")
            return None
        return value

    def seconds(self, key: str) -> float | None:
        what = "a time such as 90s, 15m, 2h or 1h30m"
        return self._scalar(key, what, lambda node: duration.seconds(node.text))

    def flag(self, key: str) -> bool | None:
        return self._scalar(key, "true or false", Scalar.as_bool)

    def choice(self, key: str, kinds: type[E]) -> E | None:
        names = [kind.value for kind in kinds]
        node = self._nodes.get(key)
        near = suggestion(node.text, names) if isinstance(node, Scalar) else ""
        return self._scalar(
            key,
            f"one of {', '.join(names)}",
            lambda scalar: kinds(scalar.text) if scalar.text in names else None,
            advice=near,
        )

    def section(self, key: str, keys: Iterable[str]) -> Section | None:
        node = self._nodes.get(key)
        if node is None:
            return None
        if not isinstance(node, Mapping):
            self._expected(key, node, "a mapping")
            return None
        return Section(node, keys, self.mistakes, place=self._place + key)

    def sections(self, key: str, keys: Iterable[str]) -> list[Section]:
        known = tuple(keys)
        made: list[Section] = []
        for index, node in enumerate(self._items(key)):
            if isinstance(node, Mapping):
                place = f"{self._place}{key}[{index}]"
                made.append(Section(node, known, self.mistakes, place=place))
            else:
                self._expected(key, node, f"a mapping with keys such as {known[0]}")
        return made

    def entries(self, key: str) -> list[tuple[Scalar, str]]:
        """Return a mapping from free names to texts; numbers count as text, as written."""
        node = self._nodes.get(key)
        if node is None:
            return []
        if not isinstance(node, Mapping):
            self._expected(key, node, "a mapping")
            return []
        made: list[tuple[Scalar, str]] = []
        for name, value in node:
            if not isinstance(value, Scalar):
                self._expected(f"{key}.{name.text}", value, "text")
            elif _CONTROL.search(value.text) or len(value.text) > _TEXT_LIMIT:
                self._bad_text(f"{key}.{name.text}", value)
            else:
                made.append((name, value.text))
        return made

    def _items(self, key: str) -> tuple[Node, ...]:
        node = self._nodes.get(key)
        if node is None:
            return ()
        if not isinstance(node, Sequence):
            advice = f"; write [{node.text}]" if isinstance(node, Scalar) else ""
            self._expected(key, node, "a list", advice)
            return ()
        if len(node.items) > LIST_LIMIT:
            self.wrong(key, "too-many", f"at most {LIST_LIMIT} entries, found {len(node.items)}")
        return node.items[:LIST_LIMIT]

    def _scalar(
        self, key: str, what: str, convert: Callable[[Scalar], T | None], *, advice: str = ""
    ) -> T | None:
        node = self._nodes.get(key)
        if node is None:
            return None
        value = convert(node) if isinstance(node, Scalar) else None
        if value is None:
            self._expected(key, node, what, advice)
        return value

    def _text(self, key: str, node: Node, check: Check | None) -> str | None:
        value = node.as_text() if isinstance(node, Scalar) else None
        if value is None:
            advice = "; put it in quotes to make it text" if isinstance(node, Scalar) else ""
            self._expected(key, node, "text", advice)
            return None
        if not value.strip() or len(value) > _TEXT_LIMIT or _CONTROL.search(value):
            self._bad_text(key, node)
            return None
        complaint = check(value) if check else None
        if complaint:
            self.mistakes.add(node, "bad-value", f"{self._place}{key}: {complaint}")
            return None
        return value

    def _bad_text(self, key: str, node: Node) -> None:
        says = f"text has 1 to {_TEXT_LIMIT} characters and no control characters"
        self.mistakes.add(node, "bad-value", f"{self._place}{key}: {says}")

    def _expected(self, key: str, node: Node, what: str, advice: str = "") -> None:
        says = f"{self._place}{key}: expected {what}, found {found(node)}{advice}"
        self.mistakes.add(node, "unknown-type", says)
