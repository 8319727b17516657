"""Which repositories of this machine use which skills: found out by reading their locks."""

from __future__ import annotations

import contextlib
from pathlib import Path

import msgspec

from sps.lib import atomic, plain_file
from sps.model.errors import SpsError
from sps.model.skills.lock import SkillsLock
from sps.ports.world import World
from sps.services.skills.repository import Repository
from sps.services.skills.scope import Scope

_LIMIT = 1024 * 1024
_MOST = 2000


def note(scope: Scope) -> None:
    """Remember that this repository has a lock."""
    home, root = scope.world.home, str(scope.repository.root)
    if scope.repository.dry or not scope.repository.lock_path.is_file():
        return
    with Repository(home.skill_users).held(home.root):
        known = _roots(scope.world)
        if root not in known:
            atomic.write(home.skill_users, msgspec.json.encode([*known, root][-_MOST:]) + b"\n")


def locks(world: World) -> dict[str, SkillsLock]:
    """Return the locks of all repositories that are still there, by folder."""
    found: dict[str, SkillsLock] = {}
    for root in _roots(world):
        repository = Repository(Path(root))
        if repository.lock_path.is_file():
            with contextlib.suppress(SpsError, OSError):
                found[root] = repository.lock()
    return found


def _roots(world: World) -> list[str]:
    try:
        content, _ = plain_file.read(world.home.skill_users, _LIMIT)
        return msgspec.json.decode(content, type=list[str])
    except (OSError, plain_file.NotPlain, plain_file.TooLarge, msgspec.DecodeError):
        return []
