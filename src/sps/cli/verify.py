"""`sps verify`: check from outside that every promise is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sps.cli.frame import Frame, reading

if TYPE_CHECKING:
    from sps.services.verify import VerifyReport


@click.command("verify")
@click.argument("project", required=False)
@reading
def verify(frame: Frame, project: str | None) -> int:
    """Check the promises of SPS on the rows, the vault and the processes. Changes nothing; exits
    with 1 when one is broken."""
    from sps.services.verify import verify as check

    with frame.world() as world:
        report = check(world, project)
    frame.show(report, _text)
    return 0 if report.ok else 1


def _text(report: VerifyReport) -> str:
    lines = [f"{one.invariant.value}: {one.subject}: {one.detail}" for one in report.violations]
    return "\n".join(lines) or "every promise is kept"
