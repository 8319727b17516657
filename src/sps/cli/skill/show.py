"""`sps skill show`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sps.cli.frame import Frame, reading
from sps.cli.skill.here import NOT_LOCKED, looking, source_option

if TYPE_CHECKING:
    from sps.services.skills.showing import SkillDetail


_FOLDER = ".agents/skills"
_LISTED = 12


@click.command("show")
@click.argument("name")
@source_option
@click.option("--text", "whole", is_flag=True, help="Print its SKILL.md too.")
@reading
def show(frame: Frame, name: str, source: str | None, whole: bool) -> None:
    """Show where a skill comes from, what it holds, what was found in it, and who uses it."""
    from sps.services.skills.showing import show_skill

    found = show_skill(looking(frame), name, source, brief=not frame.as_json)
    frame.show(found, lambda one: "\n".join(_lines(one, whole=whole)))


def _lines(one: SkillDetail, *, whole: bool) -> list[str]:
    record = one.record
    own = record.source == f"path:{_FOLDER}/{record.name}"
    fresh = own and one.locked is None
    facts = [
        ("from", f"{record.source}//{record.path}"),
        ("commit", record.commit or ""),
        ("digest", record.digest),
        ("trusted", "" if own else "yes" if record.trusted else "no: in quarantine"),
        ("enabled", "" if record.enabled else "no"),
        ("scan", "" if own else record.verdict),
        ("intact", "" if one.intact else "no"),
        ("here", NOT_LOCKED if fresh else one.state.value if one.state is not None else ""),
        ("locked", one.locked or ""),
        ("commands", _some(one.commands)),
        ("used by", ", ".join(one.used_by)),
    ]
    told = [f"{record.name}  {record.description}"]
    told += [f"  {key:<9} {value}" for key, value in facts if value]
    told += _files(one)
    for word, items in (("lint", one.lint), ("scan", one.scan)):
        told += [
            f"  {word} {item.path}:{item.line}  {item.says} [{item.rule}]"
            for item in items[:_LISTED]
        ]
        told += [f"  {word} and {len(items) - _LISTED} more"] if len(items) > _LISTED else []
    told += ["", one.text.rstrip()] if whole else []
    return [*told, f"  next: {one.next}"]


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more


def _files(one: SkillDetail) -> list[str]:
    """List the files; of many only what each folder at the top holds."""
    if len(one.files) <= _LISTED:
        return [f"  {file.mode} {file.bytes:>8} {file.path}" for file in one.files]
    sizes: dict[str, list[int]] = {}
    for file in one.files:
        top, slash, _ = file.path.partition("/")
        sizes.setdefault(top + slash, []).append(file.bytes)
    told = [f"  {len(found):>3} files {sum(found):>8} {top}" for top, found in sizes.items()]
    return [f"  {len(one.files)} files, {sum(file.bytes for file in one.files)} bytes", *told]
