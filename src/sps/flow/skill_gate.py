"""The gate `skills: block|warn`: the checks that a card's skills ship, on the lines it adds."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from sps import __version__
from sps.flow.candidate import Candidate
from sps.flow.plan_skills import find_skills, pins
from sps.lib import atomic
from sps.model.card import Card
from sps.model.pipeline import Gate, Pipeline
from sps.model.skills.check import CheckFinding, CheckReport
from sps.model.verdict import GateVerdict
from sps.ports.checks import CheckJob, SkillToCheck
from sps.ports.skills import Skill
from sps.ports.world import World

BLOCK = "block"
_MOST_LINES = 100
_MOST_KEPT = 200


def names(card: Card, pipeline: Pipeline) -> tuple[str, ...]:
    """Return the names of the skills whose checks judge a card: its own and those of the work
    stages."""
    stages = (name for stage in pipeline.work_stages for name in stage.skills)
    return (*card.text.skills, *stages)


def subjects(world: World, card: Card, pipeline: Pipeline) -> tuple[Skill, ...]:
    """Return these skills as they are now."""
    return find_skills(world, names(card, pipeline))


def identity(skills: tuple[Skill, ...], base: str) -> str:
    """Return what, beside the tree, a verdict of this gate depends on."""
    pins = [f"{skill.name}@{skill.digest}" for skill in skills]
    return hashlib.sha256("\0".join([base, *pins]).encode()).hexdigest()


def job(candidate: Candidate, skills: tuple[Skill, ...], gate: Gate, checkout: str) -> CheckJob:
    """Make the order for the checks; who gives it fills in sandbox and tag."""
    return CheckJob(
        root=checkout,
        added=candidate.added,
        skills=tuple(
            SkillToCheck(
                name=skill.name, digest=skill.digest, path=skill.path, commands=skill.commands
            )
            for skill in skills
        ),
        timeout=gate.timeout,
    )


def verdict(gate: Gate, tree: str, report: CheckReport, log: str, seconds: float) -> GateVerdict:
    """Say what the report means under this gate: `warn` lets everything pass and tells it."""
    ok = gate.skills != BLOCK or not report.blocking
    return GateVerdict(
        name=gate.name,
        tree=tree,
        command=f"skills: {gate.skills}",
        ok=ok,
        exit_code=0 if ok else 1,
        seconds=round(seconds, 3),
        log=log,
        tail="\n".join(_lines(report)),
    )


def payload(report: CheckReport, skills: tuple[Skill, ...]) -> dict[str, object]:
    """Return what the event keeps of a report, bounded."""
    return {
        "ran": report.ran,
        "findings": msgspec.to_builtins(report.findings[:_MOST_KEPT]),
        "waivers": msgspec.to_builtins(report.waivers[:_MOST_KEPT]),
        "judge": msgspec.to_builtins(report.judge[:_MOST_KEPT]),
        "skills": pins(skills),
    }


def keep(report: CheckReport, log: Path) -> None:
    """Write the report down beside the logs of the other gates: as text and as SARIF."""
    from sps.model.skills.sarif import report_sarif

    atomic.write(log, ("\n".join(_lines(report)) + "\n").encode())
    sarif = msgspec.json.encode(report_sarif(report, version=__version__))
    atomic.write(log.with_suffix(".sarif"), sarif)


def _lines(report: CheckReport) -> list[str]:
    """Write findings as lines an agent can work through, what blocks first."""
    rest = [one for one in report.findings if one not in report.blocking]
    lines = [_line(one) for one in (*report.blocking, *rest)]
    lines += [
        f"{one.path}:{one.line}: waived [{one.check}]: {one.reason}" for one in report.waivers
    ]
    cut = len(lines) - _MOST_LINES
    if cut > 0:
        lines = [*lines[:_MOST_LINES], f"... and {cut} more"]
    return lines or [f"{report.ran} checks found nothing"]


def _line(one: CheckFinding) -> str:
    hint = f" ({one.hint})" if one.hint else ""
    return f"{one.path}:{one.line}: {one.severity.value}: {one.says}{hint} [{one.check}]"
