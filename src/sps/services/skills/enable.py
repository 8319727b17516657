"""Keeping a skill from agents without giving it up: in a repository, or in the whole home."""

from __future__ import annotations

import msgspec

from sps.model.errors import WorkFailed
from sps.model.skills.lock import Placement
from sps.ports.skill_store import BUNDLED, Installed
from sps.services.skills.candidates import living, matching, only_one
from sps.services.skills.choosing import bundled, unknown
from sps.services.skills.locked import in_lock
from sps.services.skills.names import checked_name
from sps.services.skills.outcome import Outcome, Outcomes, outcome, outcomes, with_skill
from sps.services.skills.scope import Scope
from sps.services.skills.settling import settle


def enable_skills(scope: Scope, names: tuple[str, ...], *, on: bool) -> Outcomes:
    """Enable or disable skills of this repository.

    Raises `Misuse`: bad-name, not-locked, foreign-skill; `WorkFailed("skill-frozen")` for a copy
    that is part of the repository.
    """
    with scope.repository.held(scope.world.home.root):
        found = [_switch(scope, name, on=on) for name in dict.fromkeys(names)]
    return outcomes(scope, found)


def _switch(scope: Scope, name: str, *, on: bool) -> Outcome:
    lock = scope.repository.lock()
    locked = in_lock(scope, lock, name)
    if locked.placement is Placement.FROZEN and not on:
        says = f'"{name}" is frozen, a part of the repository that everybody has'
        raise WorkFailed("skill-frozen", says, hint=f"sps skill unfreeze {name}")
    did = "already" if locked.disabled is not on else ("enabled" if on else "disabled")
    lock = with_skill(lock, name, msgspec.structs.replace(locked, disabled=not on))
    scope.repository.write(lock)
    return outcome(scope, lock, name, did, settle(scope, lock, [name]))


def enable_in_home(scope: Scope, name: str, source: str | None, *, on: bool) -> Outcome:
    """Enable or disable a skill of the home: for all cards, and for repositories to come.

    Raises `Misuse`: bad-name, unknown-skill, ambiguous-skill.
    """
    world = scope.world
    checked_name(name)
    every = matching(world.skill_store.named(name), source)
    records = living(every, world.home.skills) or [one for one in every if one.source == BUNDLED]
    verb = "enable" if on else "disable"
    command = f"sps skill {verb} {name} --home"
    record = only_one(name, records, command=command) or bundled(world, name)
    if record is None:
        raise unknown(world, name)
    did = "already" if record.enabled is on else f"{verb}d"
    world.skill_store.change(msgspec.structs.replace(record, enabled=on))
    return _told(record, did)


def _told(record: Installed, did: str) -> Outcome:
    return Outcome(
        name=record.name, did=did, source=record.source, path=record.path, digest=record.digest
    )
