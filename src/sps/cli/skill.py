"""`sps skill`: the skills that cards can name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sps.cli.frame import Frame, reading
from sps.cli.lazy_group import Entry, LazyGroup
from sps.cli.table import table

if TYPE_CHECKING:
    from sps.services.skills import SkillList

skill = LazyGroup(
    "skill",
    entries={"list": Entry("sps.cli.skill:list_", "list the skills of this home")},
    help="The skills that cards and stages can name: texts that their agent gets.",
)


@click.command("list")
@reading
def list_(frame: Frame) -> None:
    """List the skills of this home."""
    from sps.services.skills import list_skills

    with frame.world(create=True) as world:
        found = list_skills(world)
        where = world.home.skills
    frame.show(found, lambda one: _text(one, str(where)))


def _text(found: SkillList, where: str) -> str:
    if not found.skills:
        return f"no skills. Each is a folder with a SKILL.md in {where}"
    return table(("SKILL", "WHAT"), [(one.name, one.description) for one in found.skills])
