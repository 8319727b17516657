"""`sps status`: how all projects stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sps.cli.frame import Frame, reading
from sps.cli.table import table

if TYPE_CHECKING:
    from sps.services.status import Status


@click.command("status")
@reading
def status(frame: Frame) -> None:
    """Show how all projects stand."""
    from sps.services.status import status as look

    with frame.world() as world:
        found = look(world)
    frame.show(found, _text)


def _text(found: Status) -> str:
    if not found.projects:
        return "no projects. Register one: sps project init NAME --repo PATH"
    rows = []
    for one in found.projects:
        count = one.counts
        waits = count["planning"], count["backlog"] + count["ready"]
        rows.append((one.name, *waits, one.running, one.needs_human + one.waiting, count["done"]))
    parts = [table(("PROJECT", "PLANNING", "WAITING", "RUNNING", "NEED YOU", "DONE"), rows)]
    for one in found.projects:
        if one.halted:
            detail = (one.halt_detail or "").partition("\n")[0]
            parts.append(f"{one.name} starts nothing new ({one.halted}): {detail}")
            parts.append(f"  next: sps why {one.name}")
        if one.no_gate:
            parts.append(f"{one.name} has no gate: nothing was tested")
        if one.file_errors:
            parts.append(f"{one.name}: {one.file_errors} card files cannot be read: "
                         f"sps card list {one.name}")  # fmt: skip
    if not found.at_work and any(one.running for one in found.projects):
        parts.append("nothing works on this home: what stands under RUNNING was cut off or waits, "
                     "and goes on with: sps tick")  # fmt: skip
    daemon = found.daemon
    where = f"works (pid {daemon.pid}, port {daemon.port})" if daemon else "does not run (sps up)"
    return "\n".join([*parts, f"daemon {where}"])
