"""`sps doctor`: check everything that can be wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import msgspec

from sps.cli.frame import Frame, changing
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
@changing
def doctor(frame: Frame, project: str | None, fix: bool, gates: bool) -> int:
    """Check home, database, git, sandbox, agents and projects, and say the command that helps.

    Exits with 1 when something is wrong, with 3 when something outside is missing (git, the
    database, the sandbox, an agent), with 5 when the data is newer than this program.
    """
    from sps.services.doctor import doctor as examine

    if gates and project is None:
        raise click.UsageError("--gates runs a project's own commands: name the PROJECT")
    with frame.world() as world:
        checks = examine(world, project, fix=fix and not frame.dry_run, gates=gates)
    found = Diagnosis(ok=all(check.ok for check in checks), checks=checks)
    frame.show(found, lambda one: _text(one.checks))
    return max((check.exit_code for check in checks if not check.ok), default=0)


def _text(checks: Iterable[Check]) -> str:
    lines: list[str] = []
    for check in checks:
        lines.append(f"{'ok ' if check.ok else 'BAD'}  {check.name}"
                     + (f": {check.cause}" if check.cause else ""))  # fmt: skip
        if not check.ok and check.command:
            lines.append(f"     next: {check.command}")
    return "\n".join(lines)
