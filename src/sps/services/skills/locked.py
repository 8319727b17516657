"""Skills that a verb names, in the lock of a repository."""

from __future__ import annotations

import os

from sps.lib.nearest import suggestion
from sps.model.errors import Misuse
from sps.model.skills.folders import CANONICAL
from sps.model.skills.lock import LockedSkill, SkillsLock
from sps.services.skills.names import checked_name
from sps.services.skills.scope import Scope


def in_lock(scope: Scope, lock: SkillsLock, name: str) -> LockedSkill:
    """Return a locked skill. Raises `Misuse`: bad-name, not-locked, foreign-skill."""
    checked_name(name)
    found = lock.skills.get(name)
    if found is not None:
        return found
    place = f"{CANONICAL}/{name}"
    if os.path.lexists(scope.repository.folder(CANONICAL) / name):
        says = f"{place} is in no lock: it is the repository's own, and is not touched"
        raise Misuse("foreign-skill", says, hint=f"sps skill freeze {name}", where=place)
    says = f'this repository has no skill "{name}"{suggestion(name, lock.skills)}'
    raise Misuse("not-locked", says, hint=f"sps skill add {name}")
