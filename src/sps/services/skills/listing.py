"""The skills that there are: the owner's own, those of the store, the bundled ones, and how they
stand in a repository. Thousands are listed without opening one of them."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import msgspec

from sps.lib import plain_file
from sps.model.errors import SpsError
from sps.model.skills.state import SkillState
from sps.model.skills.tree import MAIN
from sps.ports.skill_store import BUNDLED
from sps.services.skills.candidates import from_home
from sps.services.skills.describing import description_of

if TYPE_CHECKING:
    from pathlib import Path

    from sps.model.skills.lock import SkillsLock
    from sps.ports.world import World
    from sps.services.skills.scope import Scope

OWN = "own"
_MAIN_LIMIT = 1024 * 1024


class SkillView(msgspec.Struct, frozen=True, kw_only=True):
    """A skill in short, at its pinned hash. `tier` is own, store, bundled or repository; of two
    with one name the second is `shadowed`."""

    name: str
    description: str
    sha256: str
    path: str
    tier: str = OWN
    source: str = ""
    trusted: bool = True
    enabled: bool = True
    verdict: str = "clean"
    shadowed: bool = False
    ambiguous: bool = False  #: several of the store have this name: it means none of them
    state: SkillState | None = None  #: in the repository, when it is locked there
    shadows: list[str] = []  #: folders of agents with another skill of this name


class SkillList(msgspec.Struct, frozen=True, kw_only=True):
    """All skills, by name."""

    skills: list[SkillView]
    repository: str = ""


def list_skills(world: World, scope: Scope | None = None, *, digests: bool = True) -> SkillList:
    """List the skills of a home, and with a scope how they stand in its repository.

    Without `digests` only the store's have their hash: the others are then not read whole.
    """
    rows = [*_own(world, digests=digests), *_stored(world), *_bundled(world, digests=digests)]
    if scope is not None:
        rows = _in_repository(scope, rows, digests=digests)
    return SkillList(
        skills=_ordered(rows),
        repository="" if scope is None else str(scope.repository.root),
    )


def _own(world: World, *, digests: bool) -> list[SkillView]:
    home = world.home.skills
    return [
        _read(world, entry.name, home / entry.name, OWN, digests=digests)
        for entry in world.skill_folders.entries(home)
        if entry.target is None and (home / entry.name / MAIN).is_file()
    ]


def _read(world: World, name: str, folder: Path, tier: str, *, digests: bool) -> SkillView:
    """Describe a skill of a folder. One that cannot be read is there too, without a digest."""
    digest = description = ""
    with contextlib.suppress(SpsError, OSError, plain_file.NotPlain, plain_file.TooLarge):
        description = description_of(plain_file.read(folder / MAIN, _MAIN_LIMIT)[0], name)
        if digests:
            digest = world.skill_folders.read(folder).digest
    return SkillView(
        name=name, description=description, sha256=digest, path=str(folder), tier=tier, source=tier
    )


def _stored(world: World) -> list[SkillView]:
    return [
        SkillView(
            name=one.name, description=one.description, sha256=one.digest, path=one.path,
            tier="store", source=one.source, trusted=one.trusted, enabled=one.enabled,
            verdict=one.verdict,
        )
        for one in world.skill_store.installed()
        if one.source != BUNDLED and not from_home(one, world.home.skills)
    ]  # fmt: skip


def _bundled(world: World, *, digests: bool) -> list[SkillView]:
    off = {
        one.name
        for one in world.skill_store.installed()
        if one.source == BUNDLED and not one.enabled
    }
    found = [
        _read(world, name, folder, BUNDLED, digests=digests)
        for name, folder in world.skill_sources.bundled().items()
    ]
    return [msgspec.structs.replace(one, enabled=one.name not in off) for one in found]


def _ordered(rows: list[SkillView]) -> list[SkillView]:
    """Sort by name; of one name the first that is in force comes first."""
    seen: set[str] = set()
    several = _several(rows)
    found: list[SkillView] = []
    for row in sorted(rows, key=lambda one: one.name):  # stable: tiers keep their order
        usable = row.trusted and row.enabled
        if usable and row.tier == "store" and row.name in several:
            row = msgspec.structs.replace(row, ambiguous=True)  # noqa: PLW2901
        elif usable and row.name in seen:
            row = msgspec.structs.replace(row, shadowed=True)  # noqa: PLW2901
        found.append(row)
        if usable:
            seen.add(row.name)
    return found


def _several(rows: list[SkillView]) -> set[str]:
    """Return the names that mean several contents of the store, and no own skill."""
    digests: dict[str, str] = {}
    found: set[str] = set()
    for row in rows:
        counts = row.tier == "store" and row.trusted and row.enabled
        if counts and digests.setdefault(row.name, row.sha256) != row.sha256:
            found.add(row.name)
    return found - {row.name for row in rows if row.tier == OWN}


def _in_repository(scope: Scope, rows: list[SkillView], *, digests: bool) -> list[SkillView]:
    from sps.services.skills.place import standing_of
    from sps.services.skills.shadows import shadows

    lock = scope.repository.lock()
    states = {name: standing_of(scope, name, locked) for name, locked in lock.skills.items()}
    others = shadows(scope, lock)
    found: list[SkillView] = []
    taken: set[str] = set()
    for row in rows:
        locked = lock.skills.get(row.name)
        if locked is not None and _same(row, lock) and row.name not in taken:
            taken.add(row.name)
            found.append(_stated(row, states[row.name], others.get(row.name, [])))
        else:
            found.append(row)
    found += [
        _stated(_locked_only(name, lock), states[name], others.get(name, []))
        for name in sorted(lock.skills.keys() - taken)
    ]
    return found + _foreign(scope, lock, digests=digests)


def _foreign(scope: Scope, lock: SkillsLock, *, digests: bool) -> list[SkillView]:
    """Describe what lies in the canonical folder without being locked: the repository's own."""
    from sps.lib import paths
    from sps.model.skills.folders import CANONICAL

    found: list[SkillView] = []
    folder = scope.repository.folder(CANONICAL)
    for entry in scope.world.skill_folders.entries(folder):
        place = paths.inside(scope.repository.root, f"{CANONICAL}/{entry.name}")
        if entry.name in lock.skills or place is None or not (place / MAIN).is_file():
            continue
        row = _read(scope.world, entry.name, place, "repository", digests=digests)
        found.append(msgspec.structs.replace(row, state=SkillState.FOREIGN, trusted=False))
    return found


def _stated(row: SkillView, state: SkillState, others: list[str]) -> SkillView:
    placed = state in (SkillState.LINKED, SkillState.COPIED, SkillState.FROZEN)
    state = SkillState.SHADOWED if others and placed else state
    return msgspec.structs.replace(row, state=state, shadows=others)


def _same(row: SkillView, lock: SkillsLock) -> bool:
    locked = lock.skills[row.name]
    if row.tier == OWN:
        return locked.source == f"path:{row.path}"
    if row.tier == BUNDLED:
        return locked.source == BUNDLED
    return (row.source, row.path) == (locked.source, locked.path)


def _locked_only(name: str, lock: SkillsLock) -> SkillView:
    locked = lock.skills[name]
    return SkillView(
        name=name, description="", sha256=locked.digest, path=locked.path, tier="repository",
        source=locked.source, verdict=locked.verdict,
    )  # fmt: skip
