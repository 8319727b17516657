"""Making a repository's folders equal to its lock, skill by skill.

It can be done again at any time: what is right is left alone, and nothing that somebody edited or
put there himself is touched. That is why a lock is written first and its links after it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from sps.model.skills.folders import CANONICAL
from sps.model.skills.lock import LockedSkill, Placement, SkillsLock
from sps.ports.skill_store import Entry
from sps.services.skills import ignoring
from sps.services.skills.place import Lying, look, read, target, unusable
from sps.services.skills.scope import Scope


class Settled(msgspec.Struct, kw_only=True):
    """What was done: places are relative to the repository."""

    made: list[str] = []
    removed: list[str] = []
    left: dict[str, str] = {}  #: why a place is not as its lock says
    trash: list[str] = []

    def add(self, other: Settled) -> None:
        """Take over what another round did."""
        self.made += other.made
        self.removed += other.removed
        self.left |= other.left
        self.trash += other.trash


def settle(
    scope: Scope, lock: SkillsLock, names: Iterable[str], *, shared: bool = False
) -> Settled:
    """Make the places of some locked skills as their lock says."""
    done = Settled(made=[], removed=[], left={}, trash=[])
    hidden: list[str] = []
    seen: list[str] = []
    for name in names:
        locked = lock.skills[name]
        for folder in scope.targets(lock):
            if locked.disabled:
                _keep_away(scope, folder, name, locked, done)
            else:
                _place(scope, folder, name, locked, done)
            frozen = locked.placement is Placement.FROZEN
            (seen if frozen else hidden).append(f"{folder}/{name}")
    ignoring.reveal(scope.repository, seen)
    ignoring.ignore(scope.repository, hidden, shared=shared)
    return done


def sweep(scope: Scope, lock: SkillsLock) -> Settled:
    """Take away links into the store that no lock knows, and links of agents' own folders to copies
    that are gone."""
    done = Settled(made=[], removed=[], left={}, trash=[])
    for folder in scope.targets(lock):
        path = scope.repository.folder(folder)
        for entry in scope.world.skill_folders.entries(path):
            if entry.name not in lock.skills and _left_over(scope, path, entry):
                scope.repository.unlink(path / entry.name)
                done.removed.append(f"{folder}/{entry.name}")
    ignoring.reveal(scope.repository, done.removed)
    return done


def _left_over(scope: Scope, folder: Path, entry: Entry) -> bool:
    if entry.target is None:
        return False
    held = Path(os.path.normpath(folder / entry.target))
    if held.is_relative_to(os.path.abspath(scope.world.home.skill_store)):
        return True
    canonical = scope.repository.root / CANONICAL
    return held.parent == canonical and not held.exists()


def _place(scope: Scope, folder: str, name: str, locked: LockedSkill, done: Settled) -> None:
    lying = look(scope, folder, name, locked)
    where = f"{folder}/{name}"
    if lying in (Lying.GOOD_LINK, Lying.SAME):
        return
    if lying is Lying.FOREIGN:
        done.left[where] = "something else is there, and is not touched"
    elif locked.placement is Placement.FROZEN and folder == CANONICAL:
        if lying is not Lying.OTHER:
            done.left[where] = f"the frozen copy is gone: git restore {where}"
    elif lying is Lying.OTHER and not _outdated(scope, folder, name):
        done.left[where] = f"it was edited: sps skill freeze {name} keeps the edits"
    elif locked.placement is not Placement.FROZEN and (why := unusable(scope, name, locked)):
        done.left[where] = why
    else:
        _make(scope, folder, name, locked, done)


def _outdated(scope: Scope, folder: str, name: str) -> bool:
    """Whether a folder is an unedited copy of something that the store has."""
    tree = read(scope, scope.repository.folder(folder) / name)
    return tree is not None and scope.world.skill_store.folder(tree.digest) is not None


def _make(scope: Scope, folder: str, name: str, locked: LockedSkill, done: Settled) -> None:
    world, where = scope.world, f"{folder}/{name}"
    place = scope.repository.made_folder(folder) / name
    if place.is_symlink():
        scope.repository.unlink(place)
    elif place.exists():
        done.trash.append(str(world.skill_store.discard(place, "replaced by its newer version")))
    held = target(scope, folder, name, locked)
    if held is not None and _linked(scope, place, held):
        done.made.append(where)
        return
    tree = world.skill_store.tree(locked.digest)
    if locked.placement is Placement.FROZEN:  # an agent's own folder, where links do not work
        tree = read(scope, scope.repository.folder(CANONICAL) / name)
    if tree is None:
        done.left[where] = "its content is not in the store: sps skill sync"
        return
    world.skill_folders.write(place, tree, inside=scope.repository.root)
    done.made.append(where)


def _linked(scope: Scope, place: Path, held: str) -> bool:
    inside = scope.repository.root
    return scope.world.skill_folders.link(place, Path(held), inside=inside)


def _keep_away(scope: Scope, folder: str, name: str, locked: LockedSkill, done: Settled) -> None:
    lying = look(scope, folder, name, locked)
    where, place = f"{folder}/{name}", scope.repository.folder(folder) / name
    if lying in (Lying.GOOD_LINK, Lying.OLD_LINK):
        scope.repository.unlink(place)
        done.removed.append(where)
    elif lying is Lying.SAME:
        done.trash.append(str(scope.world.skill_store.discard(place, "disabled")))
        done.removed.append(where)
    elif lying is not Lying.NOTHING:
        done.left[where] = "it is not as locked, and is not touched"
