"""`sps skill list`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sps.cli.frame import Frame, reading
from sps.cli.skill.here import looking
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
    found = list_skills(scope.world, scope, digests=frame.as_json)
    if here:
        kept = [one for one in found.skills if one.state is not None]
        found = msgspec.structs.replace(found, skills=kept)
    where = scope.world.home.skills
    frame.show(found, lambda one: _text(one, str(where)))


def _text(found: SkillList, where: str) -> str:
    if not found.skills:
        return f"no skills. Each is a folder with a SKILL.md in {where}"
    rows = [(one.name, _standing(one), one.source, one.description) for one in found.skills]
    return table(("SKILL", "STATE", "FROM", "WHAT"), rows)


def _standing(one: SkillView) -> str:
    words = [one.state.value] if one.state is not None else []
    words += [] if one.trusted else ["quarantined"]
    words += [] if one.enabled else ["disabled"]
    words += ["hidden"] if one.shadowed else []
    return ", ".join(words) or "-"
