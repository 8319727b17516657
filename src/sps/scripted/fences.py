"""Fenced code blocks of a Markdown text, found by the rules of CommonMark.

Covered: backticks and tildes, indentation up to three spaces, a fence right behind a list marker,
longer fences that hold shorter ones, unclosed fences, and HTML blocks (so a fence inside a comment
is not one). Not covered: fences inside block quotes or deeper inside list items; they are text.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_OPENING = re.compile(
    r"(?P<indent> {0,3}(?:(?:[-+*]|[0-9]{1,9}[.)]) {1,4})?)"
    r"(?P<fence>`{3,}(?=[^`]*\Z)|~{3,})"
    r"(?P<info>.*)\Z",
    re.DOTALL,
)
_BLOCK_TAGS = (
    "address article aside base basefont blockquote body caption center col colgroup dd details"
    " dialog dir div dl dt fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6"
    " head header hr html iframe legend li link main menu menuitem nav noframes ol optgroup option"
    " p param search section summary table tbody td tfoot th thead title tr track ul"
).replace(" ", "|")
# Each kind of HTML block: how its first line starts and what its last line contains.
_HTML = [
    (r"<(?:script|pre|style|textarea)(?:[ \t>]|\Z)", r"</(?:script|pre|style|textarea)>"),
    (r"<!--", r"-->"),
    (r"<\?", r"\?>"),
    (r"<![A-Za-z]", r">"),
    (r"<!\[CDATA\[", r"\]\]>"),
    (rf"</?(?:{_BLOCK_TAGS})(?:[ \t]|/?>|\Z)", r"\A[ \t]*\Z"),
]
_HTML_RULES = [
    (re.compile(" {0,3}" + start, re.IGNORECASE), re.compile(end, re.IGNORECASE))
    for start, end in _HTML
]
_TAB_STOP = 4


class Fence:
    """One fenced block: its info string, its content, and the number of its first line from 1."""

    __slots__ = ("content", "info", "line")

    def __init__(self, info: str, content: str, line: int) -> None:
        self.info = info
        self.content = content
        self.line = line


def split_lines(text: str) -> list[str]:
    """The lines of the text with their endings (LF, CRLF or CR and nothing else)."""
    return _LINE.findall(text)


def find_fences(text: str) -> Iterator[Fence]:
    """The fenced blocks of the text in order; content keeps its line endings to the byte."""
    lines = split_lines(text)
    at = 0
    while at < len(lines):
        bare = lines[at].rstrip("\r\n")
        opening = _OPENING.match(bare)
        if opening is None:
            at = _after_html(lines, at, bare)
            continue
        first = at
        content, at = _content(lines, at + 1, opening)
        yield Fence(opening["info"].strip(" \t"), "".join(content), first + 1)


def _content(lines: list[str], at: int, opening: re.Match[str]) -> tuple[list[str], int]:
    """The content lines from `at`, and the number of the line behind the block."""
    indent, fence = len(opening["indent"]), opening["fence"]
    in_list = bool(opening["indent"].strip(" "))
    offset = indent if in_list else 0
    closing = re.compile(f" {{0,3}}{re.escape(fence[0])}{{{len(fence)},}}[ \\t]*\\Z")
    content: list[str] = []
    while at < len(lines):
        bare = lines[at].rstrip("\r\n")
        if in_list and bare.strip(" \t") and _width(bare) < offset:
            return content, at
        if closing.match(_dedent(bare, offset)):
            return content, at + 1
        content.append(_dedent(lines[at], indent))
        at += 1
    return content, at


def _after_html(lines: list[str], at: int, bare: str) -> int:
    """The line to read next: behind the HTML block that starts here, else just the next one."""
    for start, end in _HTML_RULES:
        if start.match(bare):
            while at < len(lines) and not end.search(lines[at].rstrip("\r\n")):
                at += 1
            return at + 1
    return at + 1


def _width(line: str) -> int:
    """How many columns of white space the line starts with."""
    column = 0
    for char in line:
        if char == "\t":
            column += _TAB_STOP - column % _TAB_STOP
        elif char == " ":
            column += 1
        else:
            break
    return column


def _dedent(line: str, columns: int) -> str:
    """The line without up to so many columns of white space; a tab that is cut becomes spaces."""
    column = 0
    for index, char in enumerate(line):
        if column >= columns or char not in " \t":
            return " " * (column - columns) + line[index:] if column > columns else line[index:]
        column += _TAB_STOP - column % _TAB_STOP if char == "\t" else 1
    return " " * max(column - columns, 0)
