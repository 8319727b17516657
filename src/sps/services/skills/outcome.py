"""What a verb did to a skill of a repository."""

from __future__ import annotations

import msgspec

from sps.model.skills.lock import LockedSkill, SkillsLock
from sps.model.skills.state import SkillState
from sps.services.skills.place import state_of
from sps.services.skills.scope import Scope
from sps.services.skills.settling import Settled


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """One skill afterwards. `did` is a word: added, already, removed, frozen, kept, ..."""

    name: str
    did: str
    state: SkillState | None = None
    source: str = ""
    path: str = ""
    digest: str = ""
    places: list[str] = []
    trash: list[str] = []
    left: dict[str, str] = {}


class Outcomes(msgspec.Struct, frozen=True, kw_only=True):
    """All skills of a call, and the repository that it was about."""

    ok: bool
    repository: str
    skills: list[Outcome]


def outcome(scope: Scope, lock: SkillsLock, name: str, did: str, settled: Settled) -> Outcome:
    """Describe a skill that is locked now. After a dry run its state is not known."""
    locked = lock.skills[name]
    state = None if scope.repository.dry else state_of(scope, name, locked)
    return Outcome(
        name=name, did=did, state=state, source=locked.source,
        path=locked.path, digest=locked.digest, places=settled.made, trash=settled.trash,
        left=settled.left,
    )  # fmt: skip


def outcomes(scope: Scope, found: list[Outcome]) -> Outcomes:
    """Put the skills of a call together."""
    good = not any(one.left for one in found)
    return Outcomes(ok=good, repository=str(scope.repository.root), skills=found)


def with_skill(lock: SkillsLock, name: str, locked: LockedSkill | None) -> SkillsLock:
    """Return a lock with one skill replaced, or taken out."""
    skills = {key: value for key, value in lock.skills.items() if key != name}
    if locked is not None:
        skills[name] = locked
    return msgspec.structs.replace(lock, skills=skills)
