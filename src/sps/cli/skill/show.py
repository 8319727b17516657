"""`sps skill show`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sps.cli.frame import Frame, reading
from sps.cli.skill.here import looking, source_option

if TYPE_CHECKING:
    from sps.services.skills.showing import SkillDetail


@click.command("show")
@click.argument("name")
@source_option
@click.option("--text", "whole", is_flag=True, help="Print its SKILL.md too.")
@reading
def show(frame: Frame, name: str, source: str | None, whole: bool) -> None:
    """Show where a skill comes from, what it holds, what was found in it, and who uses it."""
    from sps.services.skills.showing import show_skill

    found = show_skill(looking(frame), name, source)
    frame.show(found, lambda one: "\n".join(_lines(one, whole=whole)))


def _lines(one: SkillDetail, *, whole: bool) -> list[str]:
    record = one.record
    facts = [
        ("from", f"{record.source}//{record.path}"),
        ("commit", record.commit or ""),
        ("digest", record.digest),
        ("trusted", "yes" if record.trusted else "no: in quarantine"),
        ("enabled", "" if record.enabled else "no"),
        ("scan", record.verdict),
        ("intact", "" if one.intact else "no"),
        ("here", one.state.value if one.state is not None else ""),
        ("locked", one.locked or ""),
        ("commands", ", ".join(one.commands)),
        ("used by", ", ".join(one.used_by)),
    ]
    told = [f"{record.name}  {record.description}"]
    told += [f"  {key:<9} {value}" for key, value in facts if value]
    told += [f"  {file.mode} {file.bytes:>8} {file.path}" for file in one.files]
    told += [f"  lint {item.path}:{item.line}  {item.says} [{item.rule}]" for item in one.lint]
    told += [f"  scan {item.path}:{item.line}  {item.says} [{item.rule}]" for item in one.scan]
    told += ["", one.text.rstrip()] if whole else []
    return [*told, f"  next: {one.next}"]
