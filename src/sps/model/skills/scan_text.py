"""Patterns over a text, and how its surroundings soften what they find."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

import msgspec

from sps.model.skills.suspicion import ScanFinding, Suspect, escaped, line_of, row_at

MOST = 5  # findings of one rule in one file
NOTHING = "(?!)"  #: for a rule whose places are found in another way
_NEGATED = re.compile(
    r"\b(?:never|do not|don't|must not|should not|avoid|refuse|reject|forbid|forbidden|not allowed"
    r"|instead of|rather than|wrong|bad|unsafe|insecure|dangerous|attack(?:er)?s?|malicious|hostile"
    r"|vulnerab\w+|injections?|detect|flags?|no)\b|❌|✗",
    re.IGNORECASE,
)
_TWISTED = re.compile(
    r"\b(?:never|don't|do not|no)\s+(?:skip|forget|fail|omit|miss|hesitate|need|matter|longer)\b",
    re.IGNORECASE,
)
_TURN = re.compile(r"[.!?;:]\s|\bbut\b|\binstead,|→|\bthen\b", re.IGNORECASE)


class Pattern(msgspec.Struct, frozen=True):
    """A rule: what it looks for and what it means. `firm` rules are not softened by a `never`
    before them."""

    rule: str
    severity: Suspect
    says: str
    source: str
    flags: int
    firm: bool = False

    @property
    def regex(self) -> re.Pattern[str]:
        """What it looks for, compiled at first use: there are some hundred of them, and whoever
        imports this may scan nothing."""
        return _compiled(self.source, self.flags)


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """A text under scan. `prose` is read by an agent, the rest is run or read as data."""

    path: str
    text: str
    prose: bool


def pattern(
    rule: str, severity: Suspect, says: str, *regex: str, flags: int = 0, firm: bool = False
) -> Pattern:
    """Make a rule of alternatives, which ignore case. Repetitions of a class are bounded, so that
    no hostile text makes the search slow."""
    whole = "|".join(f"(?:{_bounded(one)})" for one in regex)
    return Pattern(rule, severity, says, whole, re.IGNORECASE | flags, firm)


@cache
def _compiled(source: str, flags: int) -> re.Pattern[str]:
    return re.compile(source, flags)


def _bounded(regex: str) -> str:
    for sign, most in (("s", 20), ("S", 200), ("w", 60)):
        for mark, least in (("*", 0), ("+", 1)):
            regex = regex.replace(f"\\{sign}{mark}", f"\\{sign}{{{least},{most}}}")
    return regex.replace(")*", "){0,6}")


def matches(reading: Reading, patterns: Iterable[Pattern]) -> Iterator[ScanFinding]:
    """Return where the patterns match, a few places each."""
    for one in patterns:
        for _, match in zip(range(MOST), one.regex.finditer(reading.text), strict=False):
            yield finding(reading, one, match.start())


def finding(reading: Reading, of: Pattern, at: int) -> ScanFinding:
    """Return a finding at a character; a note when the prose before it says never."""
    soft = reading.prose and not of.firm and is_warning(reading.text, at)
    return ScanFinding(
        path=escaped(reading.path),
        line=line_of(reading.text, at),
        rule=of.rule,
        severity=Suspect.NOTE if soft else of.severity,
        says=of.says,
        excerpt=escaped(row_at(reading.text, at)),
    )


def is_warning(text: str, at: int) -> bool:
    """Whether the words before a place, in the same sentence, speak against what follows."""
    begin = max(text.rfind("\n", 0, at) + 1, at - 200)
    before = text[begin:at]
    turns = list(_TURN.finditer(before))
    sentence = before[turns[-1].end() :] if turns else before
    return _NEGATED.search(sentence) is not None and _TWISTED.search(sentence) is None
