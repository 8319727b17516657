"""What lies at the place of a skill, compared with what its lock says."""

from __future__ import annotations

import os
from enum import Enum, auto
from pathlib import Path

from sps.model.errors import Absent, Misuse
from sps.model.skills.folders import CANONICAL
from sps.model.skills.lock import LockedSkill, Placement
from sps.model.skills.state import SkillState
from sps.model.skills.tree import MAIN, SkillTree
from sps.services.skills.scope import Scope


class Lying(Enum):
    """What is there."""

    NOTHING = auto()
    GOOD_LINK = auto()  #: leads where it should
    OLD_LINK = auto()  #: one of ours that leads elsewhere, or nowhere
    SAME = auto()  #: a folder that equals the locked content
    OTHER = auto()  #: a folder that differs from it
    FOREIGN = auto()  #: a link of somebody else's, a file, a device


def look(scope: Scope, folder: str, name: str, locked: LockedSkill) -> Lying:
    """Tell what lies in one of the repository's folders under a skill's name."""
    place = scope.repository.folder(folder) / name
    if place.is_symlink():
        return _link(scope, place, folder, locked)
    if not os.path.lexists(place):
        return Lying.NOTHING
    if not place.is_dir():
        return Lying.FOREIGN
    tree = read(scope, place)
    return Lying.SAME if tree is not None and tree.digest == locked.digest else Lying.OTHER


def target(scope: Scope, folder: str, name: str, locked: LockedSkill) -> str | None:
    """Return what a link at a place should hold: the store's folder, or for agents with a folder of
    their own and a frozen skill the way to the repository's copy. None for a frozen copy itself."""
    if locked.placement is not Placement.LINK and folder != CANONICAL:
        up = "../" * len(folder.split("/"))
        return f"{up}{CANONICAL}/{name}"
    return store_target(scope, locked.digest) if locked.placement is Placement.LINK else None


def store_target(scope: Scope, digest: str) -> str | None:
    """Return the store's folder of a content as a link holds it; None when it is not there."""
    found = scope.world.skill_store.folder(digest)
    return None if found is None else str(found)


def unusable(scope: Scope, name: str, locked: LockedSkill) -> str:
    """Return why a locked content cannot be given to an agent; empty when it can."""
    store = scope.world.skill_store
    if store.folder(locked.digest) is None:
        return f"its content {locked.digest[:12]} is not in the store: sps skill sync"
    if not store.trusted(locked.digest):
        return f"nobody has trusted it here: sps skill trust {name}@{locked.digest[:12]}"
    return ""


def ours(scope: Scope, place: Path) -> bool:
    """Whether a link leads into this home's store, to the canonical folder, or nowhere."""
    if not os.path.exists(place):
        return True
    held = os.path.normpath(place.parent / os.readlink(place))
    canonical = scope.repository.root / CANONICAL
    roots = (scope.world.home.skill_store, canonical)
    return any(Path(held).is_relative_to(os.path.abspath(root)) for root in roots)


def read(scope: Scope, place: Path) -> SkillTree | None:
    """Return the files of a folder; None when it holds what no skill may hold."""
    try:
        return scope.world.skill_folders.read(place)
    except (Misuse, Absent, OSError):
        return None


def state_of(scope: Scope, name: str, locked: LockedSkill) -> SkillState:
    """Return how a locked skill stands at its canonical place."""
    return state_from(look(scope, CANONICAL, name, locked), locked)


def state_from(lying: Lying, locked: LockedSkill) -> SkillState:
    """Return the state that what lies at the canonical place means."""
    if locked.disabled and lying is Lying.NOTHING:
        return SkillState.DISABLED
    frozen = locked.placement is Placement.FROZEN
    return {
        Lying.NOTHING: SkillState.MISSING,
        Lying.OLD_LINK: SkillState.MISSING,
        Lying.GOOD_LINK: SkillState.LINKED,
        Lying.SAME: SkillState.FROZEN if frozen else SkillState.COPIED,
        Lying.OTHER: SkillState.MODIFIED,
        Lying.FOREIGN: SkillState.FOREIGN,
    }[lying]


def standing_of(scope: Scope, name: str, locked: LockedSkill) -> SkillState:
    """Return the state as `state_of` does, believing a link into the store by its name alone."""
    place = scope.repository.folder(CANONICAL) / name
    if locked.placement is Placement.LINK and not locked.disabled and place.is_symlink():
        held = Path(os.readlink(place))
        ours = held.parent == Path(os.path.abspath(scope.world.home.skill_store))
        if ours and held.name == locked.digest and (held / MAIN).is_file():
            return SkillState.LINKED
    return state_of(scope, name, locked)


def _link(scope: Scope, place: Path, folder: str, locked: LockedSkill) -> Lying:
    wanted = target(scope, folder, place.name, locked)
    if wanted is not None and os.readlink(place) == wanted and os.path.exists(place):
        return Lying.GOOD_LINK
    return Lying.OLD_LINK if ours(scope, place) else Lying.FOREIGN
