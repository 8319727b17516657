"""`sps skill check`: the checks of skills on a change, as a hook or in CI."""

from __future__ import annotations

import os
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sps.cli import screen
from sps.cli.frame import Frame, reading

if TYPE_CHECKING:
    from sps.model.skills.check import CheckFinding, CheckReport
    from sps.services.check_skills import Proofs, SkillCheck

_STYLES = {"block": "1;31", "warn": "1;33", "info": "36"}
_BOLD, _FAINT, _GREEN = "1", "2", "1;32"


@click.command("check")
@click.option("--base", metavar="REV", help="Compare with where this branch left REV.")
@click.option("--staged", is_flag=True, help="Look at what is staged, not at the work tree.")
@click.option("--skill", "names", multiple=True, metavar="S", help="Only this skill; repeatable.")
@click.option("--sarif", type=click.Path(dir_okay=False), metavar="FILE", help="Write SARIF too.")
@click.option("--selftest", is_flag=True, help="Run the checks on their own cases instead.")
@reading
def check(
    frame: Frame,
    *,
    base: str | None,
    staged: bool,
    names: tuple[str, ...],
    sarif: str | None,
    selftest: bool,
) -> int:
    """Run the checks of skills on the lines that you added.

    Works in any git repository, without a home or a project. The skills are those named, else
    those of skills.lock, else the bundled library. Without --base the change is everything since
    the branch left the remote's main branch. Exits with 1 when a finding blocks, or when a check
    could not judge.

    A comment `skill-ok: CHECK REASON` on a line or above it takes a finding back.
    """
    if selftest:
        return _prove(frame, names)
    from sps.services.check_skills import check_skills

    world = frame.anywhere()
    found, report = check_skills(world, os.getcwd(), base=base, staged=staged, names=names)
    if sarif is not None:
        _write_sarif(report, sarif)
    if frame.as_json:
        frame.show(found, lambda _: "")
    else:
        screen.plain(_text(found))
    return 0 if found.ok else 1


def _prove(frame: Frame, names: tuple[str, ...]) -> int:
    from sps.services.check_skills import prove_skills

    found = prove_skills(frame.anywhere(), os.getcwd(), names=names)
    frame.show(found, _proofs_text)
    return 0 if found.ok else 1


def _write_sarif(report: CheckReport, path: str) -> None:
    import msgspec

    from sps import __version__
    from sps.lib import atomic
    from sps.model.skills.sarif import report_sarif

    document = msgspec.json.format(
        msgspec.json.encode(report_sarif(report, version=__version__)), indent=2
    )
    atomic.write(Path(path), document + b"\n", mode=0o644)


def _text(found: SkillCheck) -> str:
    lines: list[str] = []
    for path, findings in groupby(found.findings, key=lambda one: one.path):
        lines += [screen.painted(path, _BOLD), *(_finding(one) for one in findings), ""]
    lines += [
        screen.painted(f"waived {one.path}:{one.line}  {one.check}  {one.reason}", _FAINT)
        for one in found.waivers
    ]
    lines += [
        screen.painted(f"inconclusive {one.check}  {one.why}", _STYLES["block"])
        for one in found.inconclusive
    ]
    lines += [
        screen.painted(f"note: {one.path}:{one.line}: {one.says}", _FAINT) for one in found.notes
    ]
    return "\n".join([*lines, _summary(found)])


def _finding(one: CheckFinding) -> str:
    severity = screen.painted(f"[{one.severity.value}]", _STYLES[one.severity.value])
    place = screen.painted(f"{one.path}:{one.line}", "0")
    check = screen.painted(one.check, _FAINT)
    line = f"  {place}  {severity} {check}  {screen.painted(one.says, '0')}"
    return f"{line}\n      {screen.painted(one.hint, '0')}" if one.hint else line


def _summary(found: SkillCheck) -> str:
    blocking = sum(one.severity.value == "block" for one in found.findings)
    counts = [
        f"{len(found.findings)} findings, {blocking} of them blocking",
        f"{len(found.waivers)} waived" if found.waivers else "",
        f"{len(found.inconclusive)} inconclusive" if found.inconclusive else "",
        f"{found.ran} checks ran",
    ]
    said = ", ".join(count for count in counts if count)
    return screen.painted(said, _GREEN if found.ok else _STYLES["block"])


def _proofs_text(found: Proofs) -> str:
    lines: list[str] = []
    for one in found.skills:
        lines.append(f"{one.skill}: {one.proved} checks proved themselves")
        lines += [f"  inconclusive {wrong.check}  {wrong.why}" for wrong in one.inconclusive]
    return "\n".join(lines) or "no skills"
