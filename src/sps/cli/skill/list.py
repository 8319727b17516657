"""`sps skill list`."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

import click

from sps.cli.frame import Frame, reading
from sps.cli.skill.here import NOT_LOCKED, looking
from sps.cli.table import table

if TYPE_CHECKING:
    from sps.services.skills.listing import SkillList, SkillView


@click.command("list")
@click.option("--here", is_flag=True, help="Only those of this repository.")
@reading
def list_(frame: Frame, here: bool) -> None:
    """List the skills: your own, those of the store, the bundled ones, and how they stand in the
    repository of this folder."""
    import msgspec

    from sps.services.skills.listing import list_skills

    scope = looking(frame)
    found = list_skills(scope.world, scope, digests=False)
    if here:
        kept = [one for one in found.skills if one.state is not None]
        found = msgspec.structs.replace(found, skills=kept)
    where = scope.world.home.skills
    frame.show(found, lambda one: _text(one, str(where)))


def _text(found: SkillList, where: str) -> str:
    if not found.skills:
        return f"no skills. Each is a folder with a SKILL.md in {where}"
    width = _width()
    most = width // 3 if width else None
    rows = [
        (one.name, _standing(one), _end(one.source, most), one.description) for one in found.skills
    ]
    text = table(("SKILL", "STATE", "FROM", "WHAT"), rows)
    return _cut(text, width) if width else text


def _width() -> int:
    """Return the terminal's width; 0 for a file or a program, which get all of each line."""
    if not sys.stdout.isatty() and "COLUMNS" not in os.environ:
        return 0
    return max(40, shutil.get_terminal_size().columns)


def _end(source: str, most: int | None) -> str:
    """Shorten a source from its front: its end tells it from others."""
    short = most is None or len(source) <= most
    return source if short or most is None else f"…{source[1 - most :]}"


def _cut(text: str, width: int) -> str:
    lines = text.splitlines()
    return "\n".join(one if len(one) <= width else f"{one[: width - 1]}…" for one in lines)


def _standing(one: SkillView) -> str:
    if one.tier == one.source == "repository":
        return NOT_LOCKED
    words = [one.state.value] if one.state is not None else []
    words += [] if one.trusted else ["quarantined"]
    words += ["ambiguous"] if one.ambiguous else []
    words += [] if one.enabled else ["disabled"]
    words += ["hidden"] if one.shadowed else []
    return ", ".join(words) or "-"
