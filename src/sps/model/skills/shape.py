"""Reads values out of YAML nodes and collects every mistake instead of stopping at the first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import TypeVar

from sps.lib.nearest import suggestion
from sps.lib.yaml_nodes import Mapping, Node, Scalar, Sequence, found
from sps.model.skills.finding import LintFinding, LintSeverity

_E = TypeVar("_E", bound=StrEnum)
_T = TypeVar("_T")
REGEX_LIMIT = 600


class Shape:
    """The mistakes of one file; their rule ids begin with `prefix`. Each method returns None (or
    nothing) after noting a mistake."""

    def __init__(self, path: str, *, prefix: str = "checks") -> None:
        self.path = path
        self._prefix = prefix
        self.findings: list[LintFinding] = []

    def note(
        self,
        at: Node | None,
        rule: str,
        says: str,
        *,
        severity: LintSeverity = LintSeverity.ERROR,
    ) -> None:
        """Note a mistake at a node."""
        line, column = (at.line, at.column) if at is not None else (1, 1)
        self.findings.append(
            LintFinding(
                path=self.path, line=line, column=column, rule=rule, severity=severity, says=says
            )
        )

    def fields(self, node: Node, what: str, known: Iterable[str]) -> dict[str, Node] | None:
        """Return the values of a mapping by key; unknown keys are mistakes, nulls are absent."""
        if not isinstance(node, Mapping):
            self._wrong(node, what, "a mapping")
            return None
        names = tuple(known)
        out: dict[str, Node] = {}
        for key, value in node:
            if key.text not in names:
                says = f"{what} has no key {key.text!r}{suggestion(key.text, names)}"
                self.note(key, f"{self._prefix}-unknown-key", says)
            elif not (isinstance(value, Scalar) and value.is_null):
                out[key.text] = value
        return out

    def items(self, node: Node | None, what: str) -> tuple[Node, ...]:
        """Return the entries of a list."""
        if node is None:
            return ()
        if not isinstance(node, Sequence):
            self._wrong(node, what, "a list")
            return ()
        if not node.items:
            self.note(node, f"{self._prefix}-type", f"{what} is an empty list")
        return node.items

    def text(self, node: Node | None, what: str) -> str | None:
        """Return a text that is not empty."""
        if node is None:
            return None
        value = node.as_text() if isinstance(node, Scalar) else None
        if value is None:
            self._wrong(node, what, "text")
        elif not value.strip():
            self.note(node, f"{self._prefix}-type", f"{what} is empty")
            return None
        return value

    def texts(self, node: Node | None, what: str) -> tuple[str, ...]:
        """Return a list of texts."""
        every = (self.text(item, f"an entry of {what}") for item in self.items(node, what))
        return tuple(one for one in every if one is not None)

    def flag(self, node: Node | None, what: str, *, default: bool) -> bool:
        """Return true or false."""
        if node is None:
            return default
        value = node.as_bool() if isinstance(node, Scalar) else None
        if value is None:
            self._wrong(node, what, "true or false")
        return default if value is None else value

    def whole(self, node: Node | None, what: str, *, least: int, most: int) -> int | None:
        """Return a whole number within bounds."""
        if node is None:
            return None
        value = node.as_int() if isinstance(node, Scalar) else None
        if value is None or not least <= value <= most:
            self._wrong(node, what, f"a whole number from {least} to {most}")
            return None
        return value

    def word(self, node: Node | None, what: str, choices: type[_E]) -> _E | None:
        """Return one of some words."""
        if node is None:
            return None
        text = node.text if isinstance(node, Scalar) else ""
        names = [one.value for one in choices]
        if text in names:
            return choices(text)
        says = f"{what} is one of {', '.join(names)}, found {found(node)}{suggestion(text, names)}"
        self.note(node, f"{self._prefix}-choice", says)
        return None

    def regex(self, node: Node | None, what: str) -> str | None:
        """Return a text that compiles as a regular expression."""
        value = self.text(node, what)
        if value is None:
            return None
        if len(value) > REGEX_LIMIT:
            self.note(
                node, f"{self._prefix}-regex", f"{what} is longer than {REGEX_LIMIT} characters"
            )
            return None
        try:
            re.compile(value, re.MULTILINE)
        except (re.error, OverflowError, RecursionError) as err:
            self.note(node, f"{self._prefix}-regex", f"{what} is no regular expression: {err}")
            return None
        return value

    def glob(self, node: Node | None, what: str) -> str | None:
        """Return a path glob: relative, slashes, `**` only as a whole folder."""
        value = self.text(node, what)
        if value is None:
            return None
        parts = value.split("/")
        bad = (
            value.startswith("/")
            or "\\" in value
            or any(part in {"", ".", ".."} or ("**" in part and part != "**") for part in parts)
        )
        if bad:
            says = (
                f"{what} is a relative path with slashes and ** only as a whole folder: {value!r}"
            )
            self.note(node, f"{self._prefix}-glob", says)
            return None
        return value

    def globs(self, node: Node | None, what: str) -> tuple[str, ...]:
        """Return a list of globs."""
        return self.each(node, what, lambda item: self.glob(item, f"an entry of {what}"))

    def each(
        self, node: Node | None, what: str, read: Callable[[Node], _T | None]
    ) -> tuple[_T, ...]:
        """Return what `read` makes of each entry of a list."""
        every = (read(item) for item in self.items(node, what))
        return tuple(one for one in every if one is not None)

    def missing(self, node: Node, what: str, key: str) -> None:
        """Note that a key has to be there."""
        self.note(node, f"{self._prefix}-missing", f"{what} needs `{key}`")

    def _wrong(self, node: Node, what: str, expected: str) -> None:
        quotes = "; put it in quotes" if expected == "text" and isinstance(node, Scalar) else ""
        self.note(
            node, f"{self._prefix}-type", f"{what} is {expected}, found {found(node)}{quotes}"
        )
