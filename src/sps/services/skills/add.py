"""Putting skills into a repository: into its lock first, then into its folders."""

from __future__ import annotations

import os

import msgspec

from sps.lib.nearest import suggestion
from sps.model.errors import Absent, Misuse, WorkFailed
from sps.model.skills import folders, lock_text
from sps.model.skills.folders import CANONICAL
from sps.model.skills.lock import LockedSkill, Placement, SkillsLock
from sps.model.skills.tree import SkillTree
from sps.ports.skill_store import Installed
from sps.services.skills import users
from sps.services.skills.candidates import identity
from sps.services.skills.choosing import Folder, chosen, resolved
from sps.services.skills.names import checked_name
from sps.services.skills.outcome import Outcome, Outcomes, outcome, outcomes, with_skill
from sps.services.skills.place import Lying, look, ours, read
from sps.services.skills.scope import Scope
from sps.services.skills.settling import Settled, settle


class Adding(msgspec.Struct, frozen=True, kw_only=True):
    """How skills are added."""

    copy: bool = False  #: a copy instead of a link
    shared: bool = False  #: tell Git through `.gitignore`
    source: str | None = None  #: which one of several, as `source` or `source//path`
    agents: tuple[str, ...] = ()


def add_skills(scope: Scope, names: tuple[str, ...], how: Adding) -> Outcomes:
    """Add skills by name. What is there already stays as it is.

    Raises `Misuse`: bad-name, unknown-skill, ambiguous-skill, unknown-agent, broken-lock;
    `WorkFailed`: skill-quarantined, skill-disabled, place-taken, foreign-folder, other-source;
    all names are looked at before anything is changed.
    """
    for name in names:
        checked_name(name)
    _check_agents(how.agents)
    with scope.repository.held(scope.world.home.root):
        lock = scope.repository.lock()
        for name in dict.fromkeys(names):
            _check(scope, lock, name, how)
        found = [_add(scope, name, how) for name in dict.fromkeys(names)]
    users.note(scope)
    return outcomes(scope, found)


def locked_as(record: Installed, tree: SkillTree, placement: Placement) -> LockedSkill:
    """Return what a lock says about a skill of the store."""
    checks = tree.below("checks")
    return LockedSkill(
        source=record.source, path=record.path, commit=record.commit, digest=record.digest,
        checks=checks.digest if checks.files else None, verdict=record.verdict,
        placement=placement, files=lock_text.files_of(tree),
    )  # fmt: skip


def _add(scope: Scope, name: str, how: Adding) -> Outcome:
    lock = scope.repository.lock()
    lock = _with_agents(lock, how.agents)
    before = lock.skills.get(name)
    if before is not None:
        return _again(scope, lock, name, before, how)
    record = chosen(scope.world, name, how.source)
    tree = scope.world.skill_store.tree(record.digest)
    if tree is None:
        says = f"the content of {identity(record)} is no longer in the store"
        raise Absent("content-missing", says, hint=f"sps skill install {record.source}")
    locked = locked_as(record, tree, Placement.COPY if how.copy else Placement.LINK)
    lock = with_skill(lock, name, locked)
    scope.repository.write(lock)
    settled = settle(scope, lock, [name], shared=how.shared)
    return outcome(scope, lock, name, "added", settled)


def _again(scope: Scope, lock: SkillsLock, name: str, before: LockedSkill, how: Adding) -> Outcome:
    scope.repository.write(lock)
    shown = Settled(made=[], removed=[], left={}, trash=[])
    if before.placement is not Placement.FROZEN:
        shown = settle(scope, lock, [name], shared=how.shared)
    return outcome(scope, lock, name, "already", shown)


def _check(scope: Scope, lock: SkillsLock, name: str, how: Adding) -> None:
    """Refuse a name that cannot be added, before another one is."""
    before = lock.skills.get(name)
    if before is None:
        found = resolved(scope.world, name, how.source)
        for folder in scope.targets(_with_agents(lock, how.agents)):
            if _in_the_way(scope, folder, name, found):
                raise _taken(folder, name)
        return
    known = (before.source, f"{before.source}//{before.path}")
    if how.source is not None and not {how.source, f"git+{how.source}"} & set(known):
        says = f'"{name}" is locked already, from {before.source}//{before.path}'
        raise WorkFailed("other-source", says, hint=f"sps skill remove {name}")
    fresh = set(scope.targets(_with_agents(lock, how.agents))) - set(scope.targets(lock))
    for folder in sorted(fresh):
        if look(scope, folder, name, before) in (Lying.OTHER, Lying.FOREIGN):
            raise _taken(folder, name)


def _in_the_way(scope: Scope, folder: str, name: str, found: Installed | Folder) -> bool:
    """Whether something else than a link of ours, or than this very content, lies at a place."""
    place = scope.repository.folder(folder) / name
    if place.is_symlink():
        return not ours(scope, place)
    if not os.path.lexists(place):
        return False
    tree = read(scope, place)
    if isinstance(found, Installed):
        return tree is None or tree.digest != found.digest
    return tree is None or tree.digest != scope.world.skill_folders.read(found.folder).digest


def _taken(folder: str, name: str) -> WorkFailed:
    place = f"{folder}/{name}"
    says = f"{place} is there already, is in no lock, and is not touched"
    if folder == CANONICAL:
        hint = f"sps skill freeze {name}, which locks it as it is; or move it away"
        return WorkFailed("place-taken", says, hint=hint, where=place)
    hint = f"move {place} away, to {CANONICAL}/{name} if it is to stay; then repeat"
    return WorkFailed("foreign-folder", says, hint=hint, where=place)


def _with_agents(lock: SkillsLock, agents: tuple[str, ...]) -> SkillsLock:
    wanted = tuple(sorted({*lock.agents, *agents}))
    return lock if wanted == lock.agents else msgspec.structs.replace(lock, agents=wanted)


def _check_agents(agents: tuple[str, ...]) -> None:
    for name in agents:
        if folders.agent_named(name) is None:
            says = f'there is no agent "{name}"{suggestion(name, folders.names())}'
            raise Misuse("unknown-agent", says, hint="sps skill add --help")
