"""Front matter that grants, starts or attracts more than a skill should."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from sps.model.skills.document import SkillDocument
from sps.model.skills.name import is_name, is_unsafe
from sps.model.skills.scan_unicode import LOOK_ALIKES
from sps.model.skills.suspicion import ScanFinding, Suspect, escaped
from sps.model.skills.tree import MAIN

_STARTS = re.compile(
    r"(?:^|[-_])(?:hooks?|mcp|mcp[-_]?servers?|permissions?|permission[-_]?mode|commands?|env|shell"
    r"|statusline|plugins?|install|setup|pre[-_]?run|post[-_]?install)$",
    re.IGNORECASE,
)
_GRANTS = re.compile(
    r"\*|(?:bash|shell|execute|terminal|run[-_]?command)(?:\(\s*[*:]*\s*\))?"
    r"|bash\(\s*(?:sudo|su|rm|curl|wget|sh|bash|zsh|python3?|node|eval|ssh|nc)\b[\s:]*\*?\)"
    r"|mcp__\*.*",
    re.IGNORECASE,
)
_GREEDY = re.compile(
    r"\b(?:any|every|all|each)\s+(?:and\s+(?:all|every)\s+)?(?:single\s+|possible\s+|user\s+)*"
    r"(?:tasks?|requests?|conversations?|messages?|prompts?|questions?|situations?|responses?)\b"
    r"|\b(?:before|instead of)\s+(?:any|every|all)\s+other\s+(?:skills?|tools?)\b"
    r"|\b(?:no matter what|regardless of (?:the )?(?:task|topic|request))\b"
    r"|\b(?:takes? precedence|overrides?) (?:over )?(?:all|any|every|other)\b",
    re.IGNORECASE,
)
_PUSHY = re.compile(r"\b(?:ALWAYS|MUST)\b.{0,30}\b(?:use|load|invoke|run|activate)\b|\b100%")
_BRAND = re.compile(
    r"\bofficial(?:ly)?\b.{0,40}\b(?:anthropic|openai|google|microsoft|github|claude|codex|gemini)\b"
    r"|\b(?:verified|certified|endorsed|approved) by\b",
    re.IGNORECASE,
)
_BAIT = 30


def front_findings(document: SkillDocument, others: Iterable[str]) -> Iterator[ScanFinding]:
    """Return suspicious grants, names and descriptions. `others` are names already known."""
    yield from _grants(document)
    yield from _names(document, others)
    yield from _description(document)


def skeleton(name: str) -> str:
    """Return what a name looks like at a glance: equal skeletons are easily confused."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    latin = "".join(LOOK_ALIKES.get(one, one) for one in folded)
    bare = "".join(
        one for one in unicodedata.normalize("NFD", latin) if not unicodedata.combining(one)
    )
    bare = re.sub(r"[-_\s.]", "", bare)
    return bare.replace("rn", "m").replace("vv", "w").translate(_DIGITS)


_DIGITS = str.maketrans("01358i", "olesbl")
_cached = lru_cache(maxsize=20_000)(skeleton)


def _grants(document: SkillDocument) -> Iterator[ScanFinding]:
    for key, value in document.extra.items():
        if _STARTS.search(key):
            says = f"the field {escaped(key)!r} makes some clients start or allow something"
            yield _at(document, key, "front-matter-starts", Suspect.FLAG, says, value)
    for tool in document.allowed_tools:
        if _GRANTS.fullmatch(tool):
            says = "allowed-tools grants any command without asking"
            yield _at(document, "allowed-tools", "broad-grant", Suspect.FLAG, says, tool)


def _names(document: SkillDocument, others: Iterable[str]) -> Iterator[ScanFinding]:
    name = document.name
    if is_unsafe(name):
        says = "the name could lead out of a folder"
        yield _at(document, "name", "name-unsafe", Suspect.REFUSE, says, name)
    elif not name.isascii():
        says = "the name has letters that can be taken for others"
        yield _at(document, "name", "look-alike-name", Suspect.FLAG, says, name)
    looks = _cached(name)
    for other in others:
        if other != name and is_name(other) and _cached(other) == looks:
            says = f"the name looks like the known skill {other!r}"
            yield _at(document, "name", "look-alike-name", Suspect.FLAG, says, name)
            return


def _description(document: SkillDocument) -> Iterator[ScanFinding]:
    text = document.description
    greedy = _GREEDY.search(text)
    if greedy:
        says = "the description claims every task"
        yield _at(document, "description", "greedy-description", Suspect.FLAG, says, greedy[0])
    elif pushy := _PUSHY.search(text):
        says = "the description pushes itself forward"
        yield _at(document, "description", "pushy-description", Suspect.NOTE, says, pushy[0])
    brand = _BRAND.search(text)
    if brand:
        says = "the description claims an endorsement"
        yield _at(document, "description", "claimed-endorsement", Suspect.NOTE, says, brand[0])
    if text.count(",") >= _BAIT:
        says = "the description is a long list of key words"
        yield _at(document, "description", "keyword-bait", Suspect.NOTE, says, text)


def _at(
    document: SkillDocument, field: str, rule: str, severity: Suspect, says: str, excerpt: str
) -> ScanFinding:
    return ScanFinding(
        path=MAIN,
        line=document.lines.get(field, 1),
        rule=rule,
        severity=severity,
        says=says,
        excerpt=escaped(excerpt),
    )
