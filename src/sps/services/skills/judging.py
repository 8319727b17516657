"""Linting and scanning skills on request."""

from __future__ import annotations

import msgspec

from sps.model.skills.finding import LintFinding, has_errors
from sps.model.skills.folders import CANONICAL
from sps.model.skills.lint import lint
from sps.model.skills.mode import Mode
from sps.model.skills.scan import scan
from sps.model.skills.suspicion import ScanFinding, Verdict, verdict
from sps.services.skills.scope import Scope
from sps.services.skills.showing import tree_named


class Linted(msgspec.Struct, frozen=True, kw_only=True):
    """The lint of one skill."""

    name: str
    ok: bool
    findings: list[LintFinding]


class Lints(msgspec.Struct, frozen=True, kw_only=True):
    """The lint of some skills."""

    ok: bool
    mode: Mode
    skills: list[Linted]


class Scanned(msgspec.Struct, frozen=True, kw_only=True):
    """The scan of one skill."""

    name: str
    digest: str
    verdict: Verdict
    findings: list[ScanFinding]


class Scans(msgspec.Struct, frozen=True, kw_only=True):
    """The scan of some skills; ok when none is refused."""

    ok: bool
    skills: list[Scanned]


def lint_skills(scope: Scope, words: tuple[str, ...], mode: Mode) -> Lints:
    """Lint skills by name or folder; without any, all of this repository."""
    found = []
    for word in words or repository_skills(scope):
        name, tree = tree_named(scope, word)
        findings = lint(tree, name, mode)
        ok = not has_errors(tuple(findings))
        found.append(Linted(name=name, ok=ok, findings=list(findings)))
    return Lints(ok=all(one.ok for one in found), mode=mode, skills=found)


def scan_skills(scope: Scope, words: tuple[str, ...]) -> Scans:
    """Scan skills by name or folder; without any, all of this repository."""
    found = []
    for word in words or repository_skills(scope):
        name, tree = tree_named(scope, word)
        findings = list(scan(tree, ()))
        found.append(
            Scanned(name=name, digest=tree.digest, verdict=verdict(findings), findings=findings)
        )
    return Scans(ok=all(one.verdict is not Verdict.REFUSED for one in found), skills=found)


def repository_skills(scope: Scope) -> tuple[str, ...]:
    """Return the names of a repository's skills, locked or its own."""
    folder = scope.repository.folder(CANONICAL)
    own = [
        one.name for one in scope.world.skill_folders.entries(folder)
        if one.folder and (folder / one.name / "SKILL.md").is_file()
    ]  # fmt: skip
    return tuple(sorted({*own, *scope.repository.lock().skills}))
