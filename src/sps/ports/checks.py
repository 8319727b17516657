"""Running the checks that skills ship on a change."""

from __future__ import annotations

from typing import Protocol

import msgspec

from sps.model.pipeline import SandboxMode
from sps.model.skills.check import CheckReport, Inconclusive


class SkillToCheck(msgspec.Struct, frozen=True, kw_only=True):
    """A skill whose checks are to run: a folder at a pinned hash. `commands` says whether its owner
    trusted this very hash to run commands."""

    name: str
    digest: str
    path: str
    commands: bool = False


class CheckJob(msgspec.Struct, frozen=True, kw_only=True):
    """A change to look at: a folder with the changed tree, and the lines it adds, per path, as
    ranges (first, last), both inclusive."""

    root: str
    added: dict[str, tuple[tuple[int, int], ...]]
    skills: tuple[SkillToCheck, ...]
    timeout: float = 300.0  #: seconds, for all of it
    sandbox: SandboxMode | None = None  #: None: the owner's own call in the owner's own repository
    tag: str = ""  #: marks every process of it, for the sweep


class ChecksFailed(Exception):
    """The checks could not be run at all: no verdict on the change."""


class Checks(Protocol):
    """Runs checks in a process of their own: what they read is hostile."""

    async def run(self, job: CheckJob) -> CheckReport:
        """Look at a change. Raises `ChecksFailed`; cancellation kills the process."""
        ...

    async def selftest(self, skill: SkillToCheck) -> tuple[int, tuple[Inconclusive, ...]]:
        """Run a skill's own cases. Returns how many checks proved themselves, and those that did
        not reject a bad case or that refused a good one. Raises `ChecksFailed`."""
        ...
