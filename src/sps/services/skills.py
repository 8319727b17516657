"""The skills that cards of this home can name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from sps.ports.world import World


class SkillView(msgspec.Struct, frozen=True, kw_only=True):
    """A skill in short, at its pinned hash."""

    name: str
    description: str
    sha256: str
    path: str


class SkillList(msgspec.Struct, frozen=True, kw_only=True):
    """All skills, by name."""

    skills: list[SkillView]


def list_skills(world: World) -> SkillList:
    """List the skills of a home."""
    found = (world.skills.find(name) for name in world.skills.names())
    return SkillList(
        skills=[
            SkillView(
                name=skill.name,
                description=skill.description,
                sha256=skill.digest,
                path=skill.path,
            )
            for skill in found
            if skill is not None
        ]
    )
