"""What is wrong with a skill's text, and where."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class LintSeverity(StrEnum):
    """Whether a finding makes the skill invalid in the mode that was asked for."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class LintFinding(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """One mistake. `rule` is stable, `says` a sentence; line and column count from 1."""

    path: str
    line: int = 1
    column: int = 1
    rule: str
    severity: LintSeverity = LintSeverity.ERROR
    says: str


def has_errors(findings: tuple[LintFinding, ...]) -> bool:
    """Whether any of the findings makes the skill invalid."""
    return any(one.severity is LintSeverity.ERROR for one in findings)
