"""Skills of the same name that an agent may take instead of a repository's."""

from __future__ import annotations

import os
from pathlib import Path

from sps.model.skills import folders
from sps.model.skills.lock import SkillsLock
from sps.services.skills.place import ours
from sps.services.skills.scope import Scope


def shadows(scope: Scope, lock: SkillsLock) -> dict[str, list[str]]:
    """Return for locked names the places, in folders of agents, where another one of that name
    lies: in the repository, or with the user, whose own skills some agents prefer."""
    placed = {os.path.realpath(scope.repository.root / one) for one in scope.targets(lock)}
    found: dict[str, list[str]] = {}
    for folder in _others(scope, placed):
        for entry in scope.world.skill_folders.entries(folder):
            if entry.name not in lock.skills or not (entry.folder or entry.target):
                continue
            place = folder / entry.name
            if not _same(scope, place, lock.skills[entry.name].digest):
                found.setdefault(entry.name, []).append(str(place))
    return found


def _others(scope: Scope, placed: set[str]) -> list[Path]:
    paths = [scope.repository.root / one for one in folders.project_folders()]
    for agent in scope.agents_of_user():
        paths += scope.user_folders(agent)
    found: dict[str, Path] = {}
    for path in paths:
        real = os.path.realpath(path)
        if real not in placed and os.path.isdir(real):
            found.setdefault(real, path)
    return list(found.values())


def _same(scope: Scope, place: Path, digest: str) -> bool:
    """Whether a place leads to the very content that is locked, or nowhere."""
    if not os.path.exists(place):
        return True
    return place.is_symlink() and ours(scope, place) and os.path.realpath(place).endswith(digest)
