"""JSON with the comments and trailing commas that configuration files have."""

from __future__ import annotations

import json
import re

from sps.adapters.checks_astgrep.document import DEPTH, PLACES, BrokenDocument, Place

_BLANK = re.compile(r"(?:[\s\ufeff]+|//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/)+")
_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_WORD = re.compile(r"[-+.\w]+")


def read(text: str) -> list[Place]:
    """Return the document. Raises `BrokenDocument`."""
    reader = _Reader(text)
    root = reader.value(0)
    if reader.peek():
        raise BrokenDocument(f"no JSON: line {reader.line} has more than one value")
    return [root]


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._count = 0
        self.line = 1

    def peek(self) -> str:
        """Return the next character that means something, '' at the end."""
        self._skip(_BLANK)
        return self._text[self._at : self._at + 1]

    def value(self, depth: int) -> Place:
        self._count += 1
        if depth > DEPTH or self._count > PLACES:
            raise BrokenDocument("nested too deep, or too large")
        char = self.peek()
        if char and char in "{[":
            return self._many(char, depth)
        line = self.line
        return Place(line, line, self._string() if char == '"' else self._word())

    def _many(self, opening: str, depth: int) -> Place:
        place = Place(self.line, self.line, listed=opening == "[")
        closing = "]" if place.listed else "}"
        self._at += 1
        while (char := self.peek()) != closing:
            if not char:
                raise BrokenDocument(f"no JSON: {opening} of line {place.line} is not closed")
            self._member(place, depth)
            if self.peek() == ",":
                self._at += 1
            elif self.peek() != closing:
                raise BrokenDocument(f"no JSON: a comma is missing in line {self.line}")
        self._at += 1
        place.last = self.line
        return place

    def _member(self, place: Place, depth: int) -> None:
        if place.listed:
            place.add(str(len(place.children)), self.value(depth + 1))
            return
        line = self.line
        key = self._string()
        if self.peek() != ":":
            raise BrokenDocument(f"no JSON: a colon is missing in line {self.line}")
        self._at += 1
        place.add(key, self.value(depth + 1)).line = line

    def _string(self) -> str:
        found = self._skip(_STRING)
        try:
            return str(json.loads(found, strict=False))
        except ValueError as err:
            raise BrokenDocument(f"no JSON: line {self.line}") from err

    def _word(self) -> str:
        found = self._skip(_WORD)
        if not found:
            raise BrokenDocument(f"no JSON: line {self.line}")
        return found

    def _skip(self, what: re.Pattern[str]) -> str:
        found = what.match(self._text, self._at)
        if not found:
            return ""
        self._at = found.end()
        self.line += found[0].count("\n")
        return found[0]
