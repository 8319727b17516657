"""Looking through a skill for what could do harm. Nothing of it runs, and nothing leaves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from sps.model.skills.check import CheckKind
from sps.model.skills.checks_file import CHECKS, parse_checks
from sps.model.skills.document import ParsedSkill, parse_document
from sps.model.skills.finding import LintSeverity
from sps.model.skills.mode import Mode
from sps.model.skills.scan_front import front_findings
from sps.model.skills.scan_links import link_findings
from sps.model.skills.scan_paths import kind_findings, path_findings
from sps.model.skills.scan_payloads import payload_findings
from sps.model.skills.scan_scripts import command_findings, is_script, undeclared_scripts
from sps.model.skills.scan_text import Reading
from sps.model.skills.scan_unicode import hidden_characters
from sps.model.skills.scan_values import value_findings
from sps.model.skills.scan_words import word_findings
from sps.model.skills.suspicion import ScanFinding, Suspect, Verdict, escaped, verdict
from sps.model.skills.tree import MAIN, SkillFile, SkillTree

__all__ = ["ScanFinding", "Suspect", "Verdict", "scan", "verdict"]

FINDINGS_LIMIT = 500
_TEXT_LIMIT = 1024 * 1024
# Examples of wrong code, rules, sentences of users.
_DATA = ("checks/cases/", "checks/rules/", CHECKS, "evals/")
_PROSE = (".md", ".mdx", ".markdown", ".txt", ".rst", ".adoc", ".html")


def scan(tree: SkillTree, others: Iterable[str]) -> tuple[ScanFinding, ...]:
    """Return what is suspicious in a skill, by place. `others` are names of known skills, which its
    name must not look like. Examples of wrong code below `checks/` and `evals/` are notes as long
    as no text of the skill sends the agent there. Never raises."""
    findings = _front(tree, others)
    quiet = _quiet(tree)
    for one in path_findings(tree):
        findings += _softer([one]) if one.path.startswith(quiet) else [one]
    for path, file in tree.files.items():
        found = _file(file)
        findings += _softer(found) if path.startswith(quiet) else found
    findings += undeclared_scripts(tree, quiet)
    findings += _commands(tree)
    order = sorted(set(findings), key=lambda one: (_RANK[one.severity], one))
    return tuple(sorted(order[:FINDINGS_LIMIT]))


_RANK = {Suspect.REFUSE: 0, Suspect.FLAG: 1, Suspect.NOTE: 2}
_ALWAYS = (
    "unicode-tag",
    "unicode-bidi",
    "unicode-variation",
    "executable-binary",
    "path-collision",
    "path-unsafe",
    "git-inside",
)


def _file(file: SkillFile) -> list[ScanFinding]:
    findings = list(kind_findings(file))
    try:
        text = file.content.decode()
    except UnicodeDecodeError:
        return findings
    if "\x00" in text:
        return findings
    findings += hidden_characters(escaped(file.path), text)
    if len(text) > _TEXT_LIMIT:
        says = "the text is too large to be looked through"
        findings.append(_at(file.path, "too-large", Suspect.FLAG, says))
    prose = file.path.lower().endswith(_PROSE) or not is_script(file)
    reading = Reading(path=file.path, text=text[:_TEXT_LIMIT].replace("\r\n", "\n"), prose=prose)
    return findings + list(_text(reading))


def _text(reading: Reading) -> Iterator[ScanFinding]:
    yield from command_findings(reading)
    yield from payload_findings(reading)
    yield from word_findings(reading)
    yield from link_findings(reading)


def _front(tree: SkillTree, others: Iterable[str]) -> list[ScanFinding]:
    main = tree.files.get(MAIN)
    if main is None:
        return []
    parsed = parse_document(main.content, folder=None, mode=Mode.LENIENT)
    if any(one.rule == "name-unsafe" for one in parsed.findings):
        return [_at(MAIN, "name-unsafe", Suspect.REFUSE, "the name could lead out of a folder")]
    findings = list(value_findings(main.content, _text))
    if parsed.document is None:
        return findings + list(_unloadable(parsed))
    return findings + list(front_findings(parsed.document, others))


def _unloadable(parsed: ParsedSkill) -> Iterator[ScanFinding]:
    """Return why clients would not load the skill, which is why it is not installed either."""
    for one in parsed.findings:
        if one.severity is LintSeverity.ERROR:
            says = f"it would not be installed: {escaped(one.says)}"
            found = _at(MAIN, one.rule, Suspect.NOTE, says)
            yield msgspec.structs.replace(found, line=one.line)


def _quiet(tree: SkillTree) -> tuple[str, ...]:
    """Return the folders of data that no text of the skill sends the agent to."""
    said = "\n".join(
        tree.text(path) or ""
        for path in tree.files
        if path.endswith(".md") and not path.startswith(_DATA)
    )
    body = said.replace(f'checks: "{CHECKS}"', "").replace(f"checks: {CHECKS}", "")
    return tuple(folder for folder in _DATA if folder not in body)


def _softer(findings: list[ScanFinding]) -> list[ScanFinding]:
    return [
        one if one.rule in _ALWAYS else msgspec.structs.replace(one, severity=Suspect.NOTE)
        for one in findings
    ]


def _commands(tree: SkillTree) -> Iterator[ScanFinding]:
    """Return what is suspicious in the commands of checks, which run once they are trusted."""
    for check in parse_checks(tree)[0]:
        if check.kind is CheckKind.COMMAND and check.command is not None:
            says = f"the check {check.id} runs a command once its owner trusts it"
            found = _at(CHECKS, "check-command", Suspect.NOTE, says)
            excerpt = escaped(check.command.run)
            yield msgspec.structs.replace(found, line=check.line, excerpt=excerpt)
            reading = Reading(path=CHECKS, text=check.command.run, prose=False)
            for one in _text(reading):
                yield msgspec.structs.replace(one, line=check.line)


def _at(path: str, rule: str, severity: Suspect, says: str) -> ScanFinding:
    return ScanFinding(path=escaped(path), rule=rule, severity=severity, says=says)
