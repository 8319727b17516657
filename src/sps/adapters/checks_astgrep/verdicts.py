"""Collecting what checks find: kept only where the change is, taken back by waivers, bounded."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from sps.adapters.checks_astgrep.files import Files
from sps.model.skills.check import (
    CheckFinding,
    CheckReport,
    CheckWaiver,
    Inconclusive,
    JudgeSentence,
)
from sps.model.skills.declared import Check, When

EXCERPT = 200
_PER_CHECK = 200
_ALL = 5000
_WHY = 400
_WAIVER = re.compile(r"skill-ok:[ \t]*([a-z][a-z0-9-]{2,63})(?![\w-])((?:(?!skill-ok:).)*)")
_CLOSERS = " \t:,-*/#>"


@dataclass(frozen=True)
class Ours:
    """A check and the skill that ships it."""

    skill: str
    check: Check


class Verdicts:
    """What was found so far in some files."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._findings: dict[tuple[str, str, str, int], CheckFinding] = {}
        self._waivers: dict[tuple[str, str, str, int], CheckWaiver] = {}
        self._inconclusive: dict[tuple[str, str, str], Inconclusive] = {}
        self._judge: list[JudgeSentence] = []
        self._count: Counter[tuple[str, str]] = Counter()
        self._ran: set[tuple[str, str]] = set()

    def ran(self, ours: Ours) -> None:
        """Note that a check looked at something."""
        self._ran.add((ours.skill, ours.check.id))

    def hit(self, ours: Ours, path: str, first: int, last: int) -> None:
        """Take a place that breaks a check, if it counts in this change."""
        check = ours.check
        key = (ours.skill, check.id, path, first)
        if not self._counts(check.when, path, first, last) or key in self._findings:
            return
        reason = self._waived(check, path, first)
        if reason:
            self._waivers[key] = CheckWaiver(
                check=check.id, skill=ours.skill, path=path, line=first, reason=reason
            )
            return
        self._count[key[:2]] += 1
        if self._count[key[:2]] <= _PER_CHECK:
            self._findings[key] = finding(ours, path, first, self._line(path, first))

    def unclear(self, skill: str, check: str, why: str) -> None:
        """Note that a check could not judge."""
        one = Inconclusive(check=check, skill=skill, why=why[:_WHY])
        self._inconclusive.setdefault((skill, check, one.why), one)

    def to_judge(self, ours: Ours) -> None:
        """Take a sentence for the reviewer."""
        check = ours.check
        self._judge.append(
            JudgeSentence(check=check.id, skill=ours.skill, says=check.says, hint=check.hint)
        )

    def drop(self, ours: Ours) -> None:
        """Forget what a check found: it does not apply here after all."""
        mine = (ours.skill, ours.check.id)
        self._findings = {key: one for key, one in self._findings.items() if key[:2] != mine}
        self._waivers = {key: one for key, one in self._waivers.items() if key[:2] != mine}

    def found(self, ours: Ours) -> bool:
        """Say whether there is a finding or a waiver of a check."""
        mine = (ours.skill, ours.check.id)
        return any(key[:2] == mine for key in (*self._findings, *self._waivers))

    def report(self) -> CheckReport:
        """Return everything, sorted; of far too many findings those that weigh most."""
        weight = {"block": 0, "warn": 1, "info": 2}
        heavy = sorted(self._findings.values(), key=lambda one: weight[one.severity.value])[:_ALL]
        return CheckReport(
            findings=tuple(sorted(heavy, key=lambda one: (one.path, one.line, one.check))),
            waivers=tuple(
                sorted(self._waivers.values(), key=lambda one: (one.path, one.line, one.check))
            ),
            inconclusive=tuple(
                sorted(self._inconclusive.values(), key=lambda one: (one.skill, one.check, one.why))
            ),
            judge=tuple(sorted(self._judge, key=lambda one: (one.skill, one.check))),
            ran=len(self._ran),
        )

    def _counts(self, when: When, path: str, first: int, last: int) -> bool:
        if when is When.ADDED_LINES:
            return self._files.touched(path, first, last)
        return when is When.REPO or path in self._files.added

    def _waived(self, check: Check, path: str, line: int) -> str:
        if not check.waivable:
            return ""
        for number in (line, line - 1):
            for name, reason in waivers(self._line(path, number)):
                if name == check.id and reason:
                    return reason
        return ""

    def _line(self, path: str, number: int) -> str:
        lines = self._files.lines(path)
        return lines[number - 1] if 0 < number <= len(lines) else ""


def waivers(line: str) -> list[tuple[str, str]]:
    """Return the waivers in a line as check and reason; the reason is "" when it says nothing."""
    found = [(match[1], match[2].strip(_CLOSERS)) for match in _WAIVER.finditer(line)]
    return [
        (check, reason[:EXCERPT] if re.search(r"\w", reason) else "") for check, reason in found
    ]


def finding(ours: Ours, path: str, line: int, text: str) -> CheckFinding:
    """Make a finding of a check."""
    check = ours.check
    return CheckFinding(
        check=check.id,
        skill=ours.skill,
        severity=check.severity,
        path=path,
        line=line,
        says=check.says,
        hint=check.hint,
        excerpt=text.strip()[:EXCERPT],
    )
