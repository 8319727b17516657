"""`sps skill scan`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sps.cli.frame import Frame, reading
from sps.cli.skill.here import looking

if TYPE_CHECKING:
    from sps.services.skills.judging import Scans


@click.command("scan")
@click.argument("skills", nargs=-1, metavar="[NAME|FOLDER]...")
@reading
def scan(frame: Frame, skills: tuple[str, ...]) -> int:
    """Look for what could do harm in skills by name or folder; without any, in all skills of this
    repository. Nothing leaves this machine. Exits with 1 when one would be refused."""
    from sps.services.skills.judging import scan_skills

    found = scan_skills(looking(frame), skills)
    frame.show(found, _text)
    return 0 if found.ok else 1


def _text(found: Scans) -> str:
    told: list[str] = []
    for one in found.skills:
        told += [
            f"{one.name}/{item.path}:{item.line}  {item.severity.value}  {item.says} [{item.rule}]"
            + (f"\n    {item.excerpt}" if item.excerpt else "")
            for item in one.findings
        ]
        told.append(f"{one.name}@{one.digest[:12]}  {one.verdict.value}")
    return "\n".join(told) or "no skills in this repository"
