"""Verdicts: of gates on a tree, of reviewers on a change."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Decision(StrEnum):
    """A reviewer's answer."""

    APPROVE = "approve"
    CHANGES = "changes"


class Comment(msgspec.Struct, frozen=True, kw_only=True):
    """A remark on a line; an empty path is a remark on the whole change. `end` is the last line of
    a stretch, 0 for one line."""

    path: str = ""
    line: int = 0
    text: str
    end: int = 0

    @property
    def said(self) -> str:
        """The remark with its place in front."""
        if not self.path:
            return self.text
        to = f"-{self.end}" if self.end > self.line else ""
        return f"{self.path}:{self.line}{to}: {self.text}"


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """A reviewer's decision, bound to the tree and the tip it saw."""

    decision: Decision
    comments: tuple[Comment, ...] = ()
    by: str = ""
    tree: str = ""
    tip: str = ""


class GateVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """What one gate said about one tree. `tail` is the end of its output, bounded."""

    name: str
    tree: str
    command: str
    ok: bool
    exit_code: int | None = None
    timed_out: bool = False
    cached: bool = False
    seconds: float = 0.0
    log: str = ""  #: path of the whole output below the home
    tail: str = ""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Something in a diff that no gate command can be trusted to judge."""

    code: str  #: gate-edited, ci-edited, test-deleted, test-skipped, secret, gitlink, symlink, ...
    path: str
    line: int = 0
    says: str
