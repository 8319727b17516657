"""`sps skill doctor`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sps.cli.frame import Frame, reading
from sps.cli.skill.here import looking

if TYPE_CHECKING:
    from sps.services.skills.health import Health


@click.command("doctor")
@reading
def doctor(frame: Frame) -> int:
    """Look for what can be wrong with skills here: things that are missing, edited, in the way of
    each other or never used, and more in the catalogue than agents list."""
    from sps.services.skills.health import skill_health

    found = skill_health(looking(frame))
    frame.show(found, _text)
    return 0 if found.ok else 1


def _text(found: Health) -> str:
    told: list[str] = []
    for one in found.checks:
        told.append(f"{'ok ' if one.ok else 'BAD'}  {one.name}: {one.cause}")
        told += [f"     next: {one.command}"] if one.command else []
    return "\n".join(told)
