"""`sps slo`: what is promised in numbers, and how it is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sps.cli.frame import Frame, reading
from sps.cli.table import table

if TYPE_CHECKING:
    from sps.services.slo import Objectives


@click.command("slo")
@reading
def slo(frame: Frame) -> int:
    """Measure the promises from what happened; the exit code is 1 when one is broken."""
    from sps.services.slo import objectives

    with frame.world() as world:
        found = objectives(world)
    frame.show(found, _text)
    return 0 if all(one.ok for one in found.objectives) else 1


def _text(found: Objectives) -> str:
    rows = [
        ("kept" if one.ok else "BROKEN", one.name, one.target,
         "-" if one.measured is None else f"{one.measured:g} {one.unit}".strip(), one.n, one.why)
        for one in found.objectives
    ]  # fmt: skip
    return table(("", "PROMISE", "TARGET", "MEASURED", "OF", "WHY"), rows)
