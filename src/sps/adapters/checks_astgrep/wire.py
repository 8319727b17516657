"""What the parent and its worker say to each other, as JSON."""

from __future__ import annotations

import msgspec

from sps.model.skills.check import CheckReport, CheckSeverity
from sps.ports.checks import SkillToCheck

AT = "\x01at "  #: begins each line of the worker's stderr that says what it looks at


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """The worker's job. Without `selftest` it looks at a change."""

    root: str = ""
    added: dict[str, tuple[tuple[int, int], ...]] = {}
    skills: tuple[SkillToCheck, ...]
    selftest: bool = False
    seconds: int  #: of processor time
    memory: int  #: bytes of address space


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """A command that the parent has to run: in `root`, on a change that begins at path and line.
    `case` is set in a selftest: whether it has to fail there."""

    skill: str
    check: str
    run: str
    timeout: int
    root: str
    path: str
    line: int
    says: str
    hint: str
    severity: CheckSeverity
    case: str = ""
    must_fail: bool = False


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the worker found, and what it may not do itself. A selftest gives the checks that
    proved themselves as far as the worker can tell, as (skill, check)."""

    report: CheckReport
    due: tuple[Due, ...] = ()
    proved: tuple[tuple[str, str], ...] = ()
