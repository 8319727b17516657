"""All that is wrong with a skill, in one list."""

from __future__ import annotations

from sps.model.skills.checks_file import CHECKS, parse_checks
from sps.model.skills.coverage import coverage
from sps.model.skills.document import parse_document
from sps.model.skills.finding import LintFinding, LintSeverity
from sps.model.skills.mode import Mode
from sps.model.skills.strict import long_body, strict_findings
from sps.model.skills.tree import MAIN, SkillTree


def lint(tree: SkillTree, folder: str | None, mode: Mode) -> list[LintFinding]:
    """Return the findings on SKILL.md, links, checks and, in `strict` mode, the trigger set, by
    place. `folder` is the name of the skill's folder. Firm sentences that no check enforces are
    listed as info when the skill ships checks, and in `strict` mode. Never raises."""
    from sps.model.skills.references import reference_findings
    from sps.model.skills.triggers import parse_triggers

    main = tree.files.get(MAIN)
    if main is None:
        return [_no_main(tree)]
    parsed = parse_document(main.content, folder=folder, mode=mode)
    findings = list(parsed.findings)
    checks, wrong = parse_checks(tree)
    findings += wrong
    findings += reference_findings(tree, mode)
    if parsed.document is not None:
        if mode is Mode.STRICT:
            shipped = CHECKS if CHECKS in tree.files else None
            findings += strict_findings(parsed.document, checks=shipped)
        else:
            findings += long_body(parsed.document, severity=LintSeverity.WARNING)
    if mode is Mode.STRICT:
        findings += parse_triggers(tree)[1]
    if checks or mode is Mode.STRICT:
        findings += coverage(tree, checks).open
    return sorted(set(findings))


def _no_main(tree: SkillTree) -> LintFinding:
    other = next((path for path in tree.files if path.lower() == MAIN.lower()), None)
    says = f"the skill has no {MAIN}" + (f"; {other!r} has to be called so" if other else "")
    return LintFinding(path=MAIN, rule="no-skill-file", says=says)
