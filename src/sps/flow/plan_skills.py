"""The skills of a session: which they are and where its agent finds them."""

from __future__ import annotations

import hashlib

from sps.model.card import Card
from sps.model.errors import Misuse
from sps.model.pipeline import SkillsPolicy, Stage
from sps.model.verdict import Finding
from sps.ports.agent import AgentKind
from sps.ports.skills import Skill
from sps.ports.vault import Diff, Guest
from sps.ports.world import World

_BYTES_PER_TOKEN = 4  # a usual estimate for English and code; good enough for a ledger


def find_skills(world: World, names: tuple[str, ...]) -> tuple[Skill, ...]:
    """Return the named skills once each, in order. Raises `Misuse("unknown-skill")`."""
    found: list[Skill] = []
    for name in dict.fromkeys(names):
        skill = world.skills.find(name)
        if skill is None:
            raise Misuse(
                "unknown-skill",
                f'there is no skill "{name}" in this home',
                hint="sps skill list",
            )
        found.append(skill)
    return tuple(found)


def skills_of(world: World, card: Card, stage: Stage) -> tuple[Skill, ...]:
    """Return the skills of a card in a stage, with what the stage wishes for and this home has.
    Raises `Misuse("unknown-skill")`."""
    wished = tuple(name for name in stage.wishes if world.skills.find(name) is not None)
    return find_skills(world, (*card.text.skills, *stage.skills, *wished))


def held_out(card: Card, policy: SkillsPolicy) -> bool:
    """Whether a card works without its skills, as a comparison; the same in all its attempts."""
    drawn = int.from_bytes(hashlib.sha256(f"holdout {card.id}".encode()).digest()[:6])
    return drawn / 2**48 < policy.holdout


def pins(skills: tuple[Skill, ...]) -> list[str]:
    """Return skills as `name@hash`, as events and commits name them."""
    return [f"{skill.name}@{skill.digest[:12]}" for skill in skills]


def taken_along(diff: Diff, names: tuple[str, ...], folders: frozenset[str]) -> list[Finding]:
    """Find files of the card's own skills that its agent committed: they were lent."""
    lent = tuple(f"{folder}/{name}/" for folder in folders for name in names)
    return [
        Finding(
            code="skill-committed",
            path=file.path,
            says="belongs to a skill, which is lent and no part of the work: take it out again",
        )
        for file in diff.files
        if file.status == "A" and file.path.startswith(lent)
    ]


def place_of(kind: AgentKind, skill: Skill) -> str:
    """Return where in a workspace an agent of this kind looks for a skill."""
    return f"{kind.skills}/{skill.name}"


def guests(kind: AgentKind, skills: tuple[Skill, ...]) -> tuple[Guest, ...]:
    """Return the skills as guests of a workspace."""
    return tuple(Guest(path=place_of(kind, skill), source=skill.path) for skill in skills)


def tokens(skills: tuple[Skill, ...]) -> int:
    """Estimate how many tokens the texts of skills add to a prompt."""
    return sum(len(skill.body.encode()) for skill in skills) // _BYTES_PER_TOKEN
