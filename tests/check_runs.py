"""Running checks on small trees."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sps.adapters.checks_astgrep.runner import WorkerChecks
from sps.adapters.sandbox_bwrap import BwrapSandbox
from sps.adapters.sandbox_none import NoSandbox
from sps.lib.runtime import package_path, runtime_paths
from sps.model.pipeline import SandboxMode
from sps.model.skills.check import CheckReport, Inconclusive
from sps.ports.checks import CheckJob, SkillToCheck
from tests.check_skill import ALL, SkillMaker


def runner(**more: object) -> WorkerChecks:
    boxes = {SandboxMode.AUTO: BwrapSandbox(), SandboxMode.NONE: NoSandbox()} | more
    return WorkerChecks(boxes, package=package_path(), readonly=runtime_paths())  # type: ignore[arg-type]


def order(root: Path, *skills: SkillMaker, commands: bool = False, **more: object) -> CheckJob:
    names = tuple(
        SkillToCheck(name=one.name, digest="", path=str(one.folder), commands=commands)
        for one in skills
    )
    paths = (path for path in sorted(root.rglob("*")) if path.is_file() or path.is_symlink())
    every = {path.relative_to(root).as_posix(): ALL for path in paths}
    given = {"added": every, "timeout": 60.0} | more
    return CheckJob(root=str(root), skills=names, **given)  # type: ignore[arg-type]


def look(root: Path, *skills: SkillMaker, **more: object) -> CheckReport:
    return asyncio.run(runner().run(order(root, *skills, **more)))  # type: ignore[arg-type]


def prove(maker: SkillMaker, *, commands: bool = False) -> tuple[int, tuple[Inconclusive, ...]]:
    skill = SkillToCheck(name=maker.name, digest="", path=str(maker.folder), commands=commands)
    return asyncio.run(runner().selftest(skill))


def places(report: CheckReport) -> list[tuple[str, int]]:
    return [(one.path, one.line) for one in report.findings]


def put(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)
