"""Finding skills by words."""

from __future__ import annotations

import msgspec

from sps.model.skills.search import rank
from sps.services.skills.listing import SkillList, SkillView, list_skills
from sps.services.skills.scope import Scope


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """A skill and how well it fits: only the order of the scores means something."""

    score: float
    skill: SkillView


class Hits(msgspec.Struct, frozen=True, kw_only=True):
    """The skills that fit, the best first, and how many more there are."""

    query: str
    hits: list[Hit]
    more: int


def search_skills(scope: Scope, query: str, *, limit: int) -> Hits:
    """Search names and descriptions of everything that `list` knows."""
    known: SkillList = list_skills(scope.world, digests=False)
    rows = known.skills
    found = rank(query, [(one.name, one.description) for one in rows])
    hits = [Hit(score=score, skill=rows[index]) for index, score in found[:limit]]
    return Hits(query=query, hits=hits, more=max(0, len(found) - limit))
