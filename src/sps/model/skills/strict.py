"""What the bundled library fulfils beyond the format, in SKILL.md itself."""

from __future__ import annotations

from collections.abc import Iterator

from sps.model.skills.document import SkillDocument
from sps.model.skills.finding import LintFinding, LintSeverity
from sps.model.skills.tree import MAIN

DESCRIPTION_LIMIT = 300
LINES_LIMIT = 200
_SPEC_LINES = 500
_METADATA = ("origin", "version")


def strict_findings(document: SkillDocument, *, checks: str | None) -> Iterator[LintFinding]:
    """Return where a document falls short of the library. `checks` is the checks file's path,
    None when the skill ships none."""
    described = document.lines.get("description", 1)
    if not document.description.startswith("Use "):
        says = 'the description says when to use the skill and begins with "Use "'
        yield _at("description-start", says, described)
    if len(document.description) > DESCRIPTION_LIMIT:
        count = len(document.description)
        says = f"the description has {count} characters, at most {DESCRIPTION_LIMIT} in the library"
        yield _at("description-long", says, described)
    if not document.license:
        yield _at("license-missing", "the license is missing")
    for key in _METADATA:
        if not document.metadata.get(key):
            at = document.lines.get("metadata", 1)
            yield _at(f"metadata-{key}", f"metadata.{key} is missing", at)
    if document.metadata.get("checks") != checks:
        says = (
            "metadata.checks names a file that is not there"
            if checks is None
            else f'metadata says checks: "{checks}" where a skill ships that file'
        )
        yield _at("checks-undeclared", says, document.lines.get("metadata", 1))
    if not document.body.strip():
        yield _at("body-empty", "the skill says nothing", document.body_line)
    yield from long_body(document, limit=LINES_LIMIT, severity=LintSeverity.ERROR)


def long_body(
    document: SkillDocument, *, limit: int = _SPEC_LINES, severity: LintSeverity
) -> Iterator[LintFinding]:
    """Return that SKILL.md has too many lines, if it has."""
    count = document.body_line - 1 + len(document.body.splitlines())
    if count > limit:
        says = f"{MAIN} has {count} lines, more than {limit}; move detail into references"
        finding = _at("body-long", says, limit + 1)
        yield LintFinding(
            path=finding.path, line=limit + 1, rule="body-long", severity=severity, says=says
        )


def _at(rule: str, says: str, line: int = 1) -> LintFinding:
    return LintFinding(path=MAIN, line=line, rule=rule, says=says)
