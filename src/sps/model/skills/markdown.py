"""Headings, sections and links of Markdown, as far as skills need them."""

from __future__ import annotations

import re

import msgspec

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_LINK = re.compile(
    r"(!?)\[((?:[^\[\]\\]|\\.|\[[^\[\]]{0,200}\]){0,300})\]"
    r"\(\s{0,9}(<[^<>\n]{0,900}>|[^\s()]{0,900}(?:\([^\s()]{0,300}\)[^\s()]{0,300}){0,4})"
)
_DEFINITION = re.compile(r" {0,3}\[([^\]\n]{1,200})\]:\s{0,9}(<[^<>\n]{0,900}>|\S{1,900})")
_CODE_SPAN = re.compile(r"(`+)[^`\n]{1,1000}\1")
_NOT_IN_SLUG = re.compile(r"[^\w\- ]")
_LINE_LIMIT = 4000  # characters of one line that are looked at; no person writes longer ones


class Heading(msgspec.Struct, frozen=True):
    """A heading with its GitHub slug, made unique as GitHub does it."""

    level: int
    text: str
    slug: str
    line: int


class Link(msgspec.Struct, frozen=True):
    """A link or an image. `target` is as written, without angle brackets."""

    target: str
    text: str
    line: int
    column: int
    image: bool = False


class Line(msgspec.Struct, frozen=True):
    """A line of a text; `code` when it belongs to a fenced block, its fences included."""

    number: int
    text: str
    code: bool
    info: str = ""  #: what stands after the opening fence of its block


def lines(text: str, *, first: int = 1) -> list[Line]:
    """Return the lines, numbered from `first`, each with whether it is fenced code."""
    out: list[Line] = []
    fence = info = ""
    for number, raw in enumerate(text.split("\n"), first):
        row = raw.rstrip("\r")[:_LINE_LIMIT]
        match = _FENCE.match(row)
        if fence:
            out.append(Line(number, row, True, info))
            if match and match[1].startswith(fence) and not match[2].strip():
                fence = info = ""
        elif match and not (match[1][0] == "`" and "`" in match[2]):
            fence, info = match[1], match[2].strip()
            out.append(Line(number, row, True, info))
        else:
            out.append(Line(number, row, False))
    return out


def slug(text: str) -> str:
    """Return the anchor that GitHub gives a heading of this text."""
    shown = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text).replace("`", "")
    return _NOT_IN_SLUG.sub("", shown.strip().lower().replace("*", "")).replace(" ", "-")


def headings(text: str, *, first: int = 1) -> list[Heading]:
    """Return the ATX headings outside of code, in their order."""
    out: list[Heading] = []
    used: dict[str, int] = {}
    for line in lines(text, first=first):
        match = None if line.code else _HEADING.match(line.text)
        if match is None:
            continue
        base = slug(match[2] or "")
        count = used.get(base, 0)
        used[base] = count + 1
        name = f"{base}-{count}" if count else base
        out.append(Heading(len(match[1]), (match[2] or "").strip(), name, line.number))
    return out


def section(text: str, anchor: str) -> str | None:
    """Return what stands under a heading, deeper headings included; None without that heading."""
    found = headings(text)
    at = next((number for number, one in enumerate(found) if one.slug == anchor), None)
    if at is None:
        return None
    later = (one.line for one in found[at + 1 :] if one.level <= found[at].level)
    end = next(later, None)
    rows = text.split("\n")
    return "\n".join(rows[found[at].line : None if end is None else end - 1])


def links(text: str, *, first: int = 1) -> list[Link]:
    """Return inline links, images and link definitions outside of code."""
    out: list[Link] = []
    for line in lines(text, first=first):
        if line.code or "]" not in line.text:
            continue
        row = _CODE_SPAN.sub(lambda match: "x" * len(match[0]), line.text)
        for match in _LINK.finditer(row):
            target = match[3].strip("<>")
            column = match.start() + 1
            out.append(Link(target, match[2], line.number, column, image=bool(match[1])))
        define = _DEFINITION.match(row)
        if define and not define[1].startswith("^"):
            out.append(Link(define[2].strip("<>"), define[1], line.number, define.start(2) + 1))
    return out


def words(text: str) -> str:
    """Return a text with each run of white space as one space and without emphasis and code marks,
    so that a sentence is found however its paragraph is wrapped."""
    return " ".join(text.replace("`", "").replace("*", "").split())
