"""`sps audit`: who did what that concerns security."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sps.cli.frame import Frame, reading
from sps.cli.lazy_group import Entry, LazyGroup
from sps.cli.table import table

if TYPE_CHECKING:
    from sps.services.audit import AuditList, AuditReport

_HERE = "sps.cli.audit"
_KNOWN = ("n", "prev", "hash", "ts", "level", "service", "env", "msg", "logger", "request_id")

audit = LazyGroup(
    "audit",
    entries={
        "verify": Entry(f"{_HERE}:verify", "check that no entry was changed, taken out or cut off"),
        "list": Entry(f"{_HERE}:list_entries", "show the newest entries"),
    },
    help="Who did what that concerns security: signing in, access, trust, settings, refusals.",
)


@click.command("verify")
@click.option("--since", default="", metavar="HEAD",
              help="The head of an earlier look, which has to be there unchanged.")  # fmt: skip
@reading
def verify(frame: Frame, since: str) -> int:
    """Follow the chain of entries from the first to the last; exits with 1 where it breaks. Keep
    the head that it prints somewhere else: it proves later what was there today."""
    from sps.services.audit import verify_audit

    with frame.world() as world:
        report = verify_audit(world, since)
    frame.show(report, _report)
    return 0 if report.ok else 1


@click.command("list")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, metavar="N",
              help="At most so many.")  # fmt: skip
@reading
def list_entries(frame: Frame, limit: int) -> None:
    """Show the newest entries, the newest last."""
    from sps.services.audit import list_audit

    with frame.world() as world:
        found = list_audit(world, limit)
    frame.show(found, _entries)


def _report(report: AuditReport) -> str:
    lines = [f"{one.file}:{one.line}: {one.says}" for one in report.broken]
    lines += [f"{report.entries} entries, " + ("unbroken" if report.ok else "NOT unbroken")]
    return "\n".join([*lines, f"head: {report.head}"])


def _entries(found: AuditList) -> str:
    if not found.entries:
        return "nothing was written down yet"
    rows = [
        (str(one.get("n", "")), str(one.get("ts", "")), str(one.get("service", "")),
         str(one.get("msg", "")),
         " ".join(f"{key}={value}" for key, value in one.items() if key not in _KNOWN))
        for one in found.entries
    ]  # fmt: skip
    return table(("N", "WHEN", "BY", "WHAT", "ABOUT"), rows)
