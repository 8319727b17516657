"""Markdown files that begin with YAML between two lines of `---`."""

from __future__ import annotations

import re
from dataclasses import dataclass

_OPENING = re.compile(r"\ufeff?---[ \t]*\r?\n")
_CLOSING = re.compile(r"^---[ \t]*(?:\r?\n|\Z)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Split:
    """The three parts of such a file; joined they are the file again, to the character.

    `head` is the opening line (with a byte order mark, if there is one), `yaml` what stands between
    the lines, beginning in line 2 of the file, `foot` the closing line, `body` all the rest.
    """

    head: str
    yaml: str
    foot: str
    body: str


class NoFrontMatter(Exception):
    """There is no opening line, or it is never closed. `opened` says which."""

    def __init__(self, *, opened: bool) -> None:
        super().__init__("the front matter is never closed" if opened else "no front matter")
        self.opened = opened


def split(text: str) -> Split:
    """Take a file apart. Raises `NoFrontMatter`."""
    opening = _OPENING.match(text)
    if opening is None:
        raise NoFrontMatter(opened=False)
    closing = _CLOSING.search(text, opening.end())
    if closing is None:
        raise NoFrontMatter(opened=True)
    return Split(
        head=opening.group(),
        yaml=text[opening.end() : closing.start()],
        foot=closing.group(),
        body=text[closing.end() :],
    )
