"""Findings as SARIF 2.1.0, for code hosts and editors."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

import msgspec

from sps.model.skills.check import CheckReport, CheckSeverity
from sps.model.skills.finding import LintFinding, LintSeverity

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LINT_LEVELS = {
    LintSeverity.ERROR: "error",
    LintSeverity.WARNING: "warning",
    LintSeverity.INFO: "note",
}
_CHECK_LEVELS = {
    CheckSeverity.BLOCK: "error",
    CheckSeverity.WARN: "warning",
    CheckSeverity.INFO: "note",
}


class Message(msgspec.Struct, frozen=True):
    text: str


class Region(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    start_line: int
    start_column: int | None = None


class ArtifactLocation(msgspec.Struct, frozen=True):
    uri: str


class PhysicalLocation(msgspec.Struct, frozen=True, rename="camel"):
    artifact_location: ArtifactLocation
    region: Region


class Location(msgspec.Struct, frozen=True, rename="camel"):
    physical_location: PhysicalLocation


class Suppression(msgspec.Struct, frozen=True):
    kind: str
    justification: str


class Result(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    rule_id: str
    level: str
    message: Message
    locations: tuple[Location, ...]
    suppressions: tuple[Suppression, ...] = ()
    properties: dict[str, str] = {}


class Rule(msgspec.Struct, frozen=True, rename="camel"):
    id: str
    short_description: Message


class Driver(msgspec.Struct, frozen=True, rename="camel"):
    name: str
    version: str
    rules: tuple[Rule, ...]


class Tool(msgspec.Struct, frozen=True):
    driver: Driver


class Notification(msgspec.Struct, frozen=True):
    level: str
    message: Message


class Invocation(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    execution_successful: bool
    tool_execution_notifications: tuple[Notification, ...] = ()


class Run(msgspec.Struct, frozen=True, rename="camel"):
    tool: Tool
    column_kind: str
    invocations: tuple[Invocation, ...]
    results: tuple[Result, ...]


class SarifLog(msgspec.Struct, frozen=True):
    """A whole file. Encode it with `msgspec.json.encode`."""

    schema: str = msgspec.field(name="$schema")
    version: str
    runs: tuple[Run, ...]


def lint_sarif(findings: Iterable[LintFinding], *, version: str, folder: str = "") -> SarifLog:
    """Return lint findings as SARIF; `folder` is the skill's folder from the repository's root."""
    rows = list(findings)
    root = f"{folder.strip('/')}/" if folder.strip("/") else ""
    results = [
        Result(
            rule_id=one.rule,
            level=_LINT_LEVELS[one.severity],
            message=Message(one.says),
            locations=(_location(root + one.path, one.line, one.column),),
        )
        for one in rows
    ]
    rules = {one.rule: one.rule.replace("-", " ") for one in rows}
    return _log("sps-skill-lint", version, rules, results, Invocation(execution_successful=True))


def report_sarif(report: CheckReport, *, version: str) -> SarifLog:
    """Return a check report as SARIF: waived findings as suppressed results, checks that could not
    judge as failed notifications."""
    rules = {one.check: one.says for one in report.findings}
    results = [
        Result(
            rule_id=one.check,
            level=_CHECK_LEVELS[one.severity],
            message=Message(f"{one.says} ({one.hint})" if one.hint else one.says),
            locations=(_location(one.path, one.line),),
            properties={"skill": one.skill},
        )
        for one in report.findings
    ]
    for waiver in report.waivers:
        rules.setdefault(waiver.check, waiver.check)
        results.append(
            Result(
                rule_id=waiver.check,
                level="note",
                message=Message(f"waived: {waiver.reason}"),
                locations=(_location(waiver.path, waiver.line),),
                suppressions=(Suppression("inSource", waiver.reason),),
                properties={"skill": waiver.skill},
            )
        )
    trouble = tuple(
        Notification("error", Message(f"{one.skill}: {one.check}: {one.why}"))
        for one in report.inconclusive
    )
    call = Invocation(execution_successful=not trouble, tool_execution_notifications=trouble)
    return _log("sps-skill-check", version, rules, results, call)


def _location(path: str, line: int, column: int | None = None) -> Location:
    region = Region(start_line=max(line, 1), start_column=column)
    return Location(PhysicalLocation(ArtifactLocation(quote(path)), region))


def _log(
    name: str, version: str, rules: dict[str, str], results: list[Result], call: Invocation
) -> SarifLog:
    described = tuple(Rule(key, Message(says)) for key, says in sorted(rules.items()))
    tool = Tool(Driver(name, version, described))
    run = Run(tool, "unicodeCodePoints", (call,), tuple(results))
    return SarifLog(schema=_SCHEMA, version="2.1.0", runs=(run,))
