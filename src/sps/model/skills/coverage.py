"""How many of a skill's firm sentences are enforced by one of its checks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from sps.model.skills.declared import Check
from sps.model.skills.finding import LintFinding, LintSeverity
from sps.model.skills.markdown import lines, words
from sps.model.skills.references import texts
from sps.model.skills.tree import SkillTree

_FIRM = re.compile(r"\b(?:must|never|always)\b", re.IGNORECASE)
_BLOCK_START = re.compile(r"\s*(?:[-*+]|\d+[.)])\s+|\s*#|\s*\|")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z`*\"'(])")


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """Firm sentences: how many there are, how many a check quotes, and where the others stand."""

    total: int
    covered: int
    open: tuple[LintFinding, ...]


def coverage(tree: SkillTree, checks: Iterable[Check]) -> Coverage:
    """Count the sentences with must, never or always that a check's `says` quotes."""
    quoted = [words(one.says).lower() for one in checks]
    found = [
        (path, line, sentence)
        for path, text in texts(tree).items()
        for line, sentence in _firm(text)
    ]
    missing = [row for row in found if not _quoted(row[2], quoted)]
    return Coverage(
        total=len(found),
        covered=len(found) - len(missing),
        open=tuple(_open(*row) for row in missing),
    )


def _quoted(sentence: str, quoted: list[str]) -> bool:
    lowered = sentence.lower()
    return any(one in lowered or lowered in one for one in quoted)


def _open(path: str, line: int, sentence: str) -> LintFinding:
    shown = sentence if len(sentence) <= 160 else sentence[:159] + "…"
    return LintFinding(
        path=path,
        line=line,
        rule="uncovered-sentence",
        severity=LintSeverity.INFO,
        says=f"no check enforces: {shown}",
    )


def _firm(text: str) -> Iterator[tuple[int, str]]:
    for first, block in _blocks(text):
        for sentence in _SENTENCE_END.split(block):
            if _FIRM.search(sentence):
                yield first, words(sentence)


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    """Return paragraphs and list entries with their first line; front matter and code left out."""
    held: list[str] = []
    first = 1
    fences = 0
    for line in lines(text):
        if fences < 2 and text.startswith("---") and line.text.rstrip() == "---":
            fences += 1
            continue
        if fences == 1 or line.code or not line.text.strip() or _BLOCK_START.match(line.text):
            if held:
                yield first, " ".join(held)
            held = []
        if fences != 1 and not line.code and line.text.strip():
            first = first if held else line.number
            held.append(_BLOCK_START.sub("", line.text, count=1).strip())
    if held:
        yield first, " ".join(held)
