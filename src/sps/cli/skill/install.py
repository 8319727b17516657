"""`sps skill install`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sps.cli.frame import Frame, changing
from sps.cli.skill.here import scope

if TYPE_CHECKING:
    from sps.services.skills.install import Arrival, Arrivals


@click.command("install")
@click.argument("source")
@click.option("--ref", metavar="R", help="A branch, a tag or a full commit id of a Git source.")
@click.option("--name", metavar="N", help="Only this skill of the source: its name or folder.")
@click.option("--all", "every", is_flag=True, help="Every skill of the source.")
@click.option("--trust", is_flag=True, help="Trust what the scan finds clean.")
@click.option("--offline", is_flag=True, help="Use only what was fetched before.")
@changing
def install(
    frame: Frame,
    *,
    source: str,
    ref: str | None,
    name: str | None,
    every: bool,
    trust: bool,
    offline: bool,
) -> None:
    """Bring a skill into the store: `bundled`, a folder, a Git address, a zip or tar archive.

    It waits in quarantine until you trust it: nothing gives it to an agent, nothing of it runs.
    """
    from sps.services.skills.install import Installing, install_skills

    how = Installing(ref=ref, name=name, every=every, trust=trust, offline=offline)
    with scope(frame) as where:
        found = install_skills(where, source, how)
    frame.show(found, _text)


def _text(found: Arrivals) -> str:
    told = [line for one in found.skills for line in _lines(one)]
    told += [f"not accepted: {path}: {why}" for path, why in found.refused.items()]
    told += [f"left out: {note}" for note in found.notes]
    return "\n".join(told)


def _lines(one: Arrival) -> list[str]:
    record = one.record
    standing = "trusted" if record.trusted else f"in quarantine, scan: {record.verdict}"
    commit = f" at {record.commit[:12]}" if record.commit else ""
    told = [f"{record.name}@{record.digest[:12]}  {one.did}, {standing}"]
    told += [f"  from {record.source}//{record.path}{commit}"]
    told += [f"  {file.mode} {file.bytes:>8} {file.path}" for file in one.files]
    told += [f"  lint {item.path}:{item.line}  {item.says} [{item.rule}]" for item in one.lint]
    told += [f"  scan {item.path}:{item.line}  {item.says} [{item.rule}]" for item in one.scan]
    return [*told, f"  next: {one.next}"]
