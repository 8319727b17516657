"""What the scan of a skill finds, and how it is shown."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from enum import StrEnum

import msgspec

EXCERPT_LIMIT = 160


class Suspect(StrEnum):
    """What a finding means for the skill."""

    REFUSE = "refuse"  #: it does not come in
    FLAG = "flag"  #: the owner has to look before trusting it
    NOTE = "note"  #: worth showing, usual in good skills


class Verdict(StrEnum):
    """What the findings mean together."""

    REFUSED = "refused"
    FLAGGED = "flagged"
    CLEAN = "clean"


class ScanFinding(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """A place in a skill that could do harm. `excerpt` is safe to print: escaped and bounded."""

    path: str
    line: int = 1
    rule: str
    severity: Suspect
    says: str
    excerpt: str = ""


def verdict(findings: Iterable[ScanFinding]) -> Verdict:
    """Return what findings mean together: the worst of them decides."""
    worst = {one.severity for one in findings}
    if Suspect.REFUSE in worst:
        return Verdict.REFUSED
    return Verdict.FLAGGED if Suspect.FLAG in worst else Verdict.CLEAN


def escaped(text: str, *, limit: int = EXCERPT_LIMIT) -> str:
    """Return a text in one line, bounded, with every character that is not simply seen as its code
    point, so that it can be shown in a terminal or a page."""
    row = "".join(_sign(one) for one in text.strip()[: limit + 1])
    return row if len(row) <= limit else row[: limit - 1] + "…"


def _sign(one: str) -> str:
    if one in "\n\r\t":
        return " "
    hidden = unicodedata.category(one)[0] == "C" or one in "\u2028\u2029\u3164\u115f\u1160\uffa0"
    return f"\\u{{{ord(one):x}}}" if hidden or 0xFE00 <= ord(one) <= 0xFE0F else one


def line_of(text: str, at: int) -> int:
    """Return the line, from 1, of a character."""
    return text.count("\n", 0, at) + 1


def row_at(text: str, at: int) -> str:
    """Return the line that a character stands in, bounded."""
    begin = max(text.rfind("\n", 0, at) + 1, at - 80)
    end = text.find("\n", at)
    return text[begin : min(len(text) if end < 0 else end, begin + 400)]
