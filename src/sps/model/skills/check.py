"""What the checks of skills find in a change."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class CheckKind(StrEnum):
    """How a check looks at a change."""

    AST = "ast"
    PRESENCE = "presence"
    CONFIG = "config"
    COMMAND = "command"
    JUDGE = "judge"


class CheckSeverity(StrEnum):
    """What a finding does to a change. The gate's own word can only soften it."""

    BLOCK = "block"
    WARN = "warn"
    INFO = "info"


class CheckFinding(msgspec.Struct, frozen=True, kw_only=True):
    """A place in a change that breaks a sentence of a skill."""

    check: str
    skill: str
    severity: CheckSeverity
    path: str
    line: int
    says: str
    hint: str = ""
    excerpt: str = ""  #: the line itself, bounded


class CheckWaiver(msgspec.Struct, frozen=True, kw_only=True):
    """A finding that a comment in the change takes back, with its reason."""

    check: str
    skill: str
    path: str
    line: int
    reason: str


class WaiverNote(msgspec.Struct, frozen=True, kw_only=True):
    """A comment among the added lines that takes nothing back. `check` is the name in it, `known`
    whether one of the skills has a check of that name."""

    path: str
    line: int
    check: str
    known: bool
    says: str


class Inconclusive(msgspec.Struct, frozen=True, kw_only=True):
    """A check that could not judge. It has not passed."""

    check: str
    skill: str
    why: str


class JudgeSentence(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence that only a reader can judge; the reviewer gets it."""

    check: str
    skill: str
    says: str
    hint: str = ""


class CheckReport(msgspec.Struct, frozen=True, kw_only=True):
    """What all checks of some skills say about a change."""

    findings: tuple[CheckFinding, ...] = ()
    waivers: tuple[CheckWaiver, ...] = ()
    inconclusive: tuple[Inconclusive, ...] = ()
    judge: tuple[JudgeSentence, ...] = ()
    ran: int = 0  #: checks that looked at something
    notes: tuple[WaiverNote, ...] = ()

    @property
    def blocking(self) -> tuple[CheckFinding, ...]:
        """The findings that forbid landing."""
        return tuple(one for one in self.findings if one.severity is CheckSeverity.BLOCK)

    @property
    def ok(self) -> bool:
        """Whether nothing blocks and every check could judge."""
        return not self.blocking and not self.inconclusive
