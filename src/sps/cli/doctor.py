"""`sps doctor`: check everything that can be wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import msgspec

from sps.cli.frame import Frame, reading
from sps.services.doctor import Check

if TYPE_CHECKING:
    from collections.abc import Iterable


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """All checks, good and bad."""

    ok: bool
    checks: list[Check]


@click.command("doctor")
@click.argument("project", required=False)
@click.option("--fix", is_flag=True, help="Repair what can be repaired without your repository.")
@click.option("--gates", is_flag=True,
              help="Try each gate of PROJECT once on its target, in the sandbox.")  # fmt: skip
@reading
def doctor(frame: Frame, project: str | None, fix: bool, gates: bool) -> int:
    """Check home, database, git, sandbox, agents and projects. Exits with 1 when something is
    wrong, and says the command that helps."""
    from sps.services.doctor import doctor as examine

    if gates and project is None:
        raise click.UsageError("--gates runs a project's own commands: name the PROJECT")
    with frame.world() as world:
        checks = examine(world, project, fix=fix, gates=gates)
    found = Diagnosis(ok=all(check.ok for check in checks), checks=checks)
    frame.show(found, lambda one: _text(one.checks))
    return 0 if found.ok else 1


def _text(checks: Iterable[Check]) -> str:
    lines: list[str] = []
    for check in checks:
        lines.append(f"{'ok ' if check.ok else 'BAD'}  {check.name}"
                     + (f": {check.cause}" if check.cause else ""))  # fmt: skip
        if not check.ok and check.command:
            lines.append(f"     next: {check.command}")
    return "\n".join(lines)
