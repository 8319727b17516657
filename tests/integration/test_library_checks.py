"""Every check of the bundled library against its own cases."""

from __future__ import annotations

import asyncio
import functools
from collections import Counter
from pathlib import Path

import pytest

import sps
from sps.adapters.checks_astgrep.load import checks_of
from sps.adapters.checks_astgrep.runner import WorkerChecks
from sps.adapters.sandbox_none import NoSandbox
from sps.lib.runtime import package_path, runtime_paths
from sps.model.pipeline import SandboxMode
from sps.model.skills.check import CheckKind
from sps.model.skills.declared import Check
from sps.ports.checks import SkillToCheck

LIBRARY = Path(sps.__file__).parent / "library"
SKILLS = sorted(path.parent.name for path in LIBRARY.glob("*/SKILL.md"))
AT_LEAST = {CheckKind.AST: 60, CheckKind.PRESENCE: 12, CheckKind.CONFIG: 15}


@functools.cache
def declared(skill: str) -> tuple[Check, ...]:
    return checks_of(str(LIBRARY / skill))[0]


def every() -> list[Check]:
    return [check for skill in SKILLS for check in declared(skill)]


@pytest.mark.parametrize("skill", SKILLS)
def test_every_bad_case_is_found_and_every_good_case_is_quiet(skill: str) -> None:
    boxes = {mode: NoSandbox() for mode in SandboxMode}
    checks = WorkerChecks(boxes, package=package_path(), readonly=runtime_paths())
    folder = str(LIBRARY / skill)
    order = SkillToCheck(name=skill, digest="", path=folder, commands=True)
    proved, wrong = asyncio.run(checks.selftest(order))
    assert [f"{one.check}: {one.why}" for one in wrong] == []
    kinds = Counter(check.kind for check in declared(skill))
    assert proved == kinds.total() - kinds[CheckKind.JUDGE]


def test_library_has_enough_checks_of_each_kind() -> None:
    counts = Counter(check.kind for check in every())
    assert {kind: counts[kind] for kind, least in AT_LEAST.items() if counts[kind] < least} == {}


def test_ids_are_unique_over_the_library() -> None:
    counts = Counter(check.id for check in every())
    assert [key for key, count in counts.items() if count > 1] == []
