"""Linking skills of the home into the folders that the user's own agents read."""

from __future__ import annotations

import os
from pathlib import Path

from sps.lib.nearest import suggestion
from sps.model.errors import Misuse
from sps.model.skills import folders
from sps.model.skills.name import is_name
from sps.ports.skill_store import Installed
from sps.services.skills.choosing import chosen
from sps.services.skills.listing import list_skills
from sps.services.skills.outcome import Outcome, Outcomes
from sps.services.skills.scope import Scope

_SHARED = "~/.agents/skills"


def sync_user(scope: Scope, names: tuple[str, ...], agents: tuple[str, ...]) -> Outcomes:
    """Link skills, all that are trusted and enabled when none is named, for all of the user's
    agents or for some. A folder or link of somebody else's is left and said; links of ours to what
    is no longer in force are taken away when no skill was named.

    An ambiguous name is left and said. Raises `Misuse`: bad-name, unknown-skill, unknown-agent.
    """
    rows = list_skills(scope.world, digests=False).skills
    every = [one.name for one in rows if one.trusted and one.enabled and not one.shadowed]
    wanted = [name for name in names or dict.fromkeys(every) if is_name(name)]
    records, found = _records(scope, wanted)
    for folder in _folders(scope, agents):
        found += [_link(scope, folder, record) for record in records]
        if not names:
            found += _sweep(scope, folder, set(wanted))
    good = not any(one.left for one in found)
    return Outcomes(ok=good, repository=str(scope.user), skills=found)


def _records(scope: Scope, names: list[str]) -> tuple[list[Installed], list[Outcome]]:
    """Return what the names mean, and those that mean several skills."""
    records: list[Installed] = []
    skipped: list[Outcome] = []
    for name in names:
        try:
            records.append(chosen(scope.world, name, None))
        except Misuse as err:
            if err.code != "ambiguous-skill":
                raise
            why = f"{err.message}; one of them has to go: sps skill disable {name} --home --source"
            skipped.append(Outcome(name=name, did="skipped", left={"": why}))
    return records, skipped


def _folders(scope: Scope, names: tuple[str, ...]) -> list[Path]:
    """Return the folders to link into, each once: the shared one for all that read it."""
    agents = scope.agents_of_user()
    for name in names:
        if folders.agent_named(name) is None:
            says = f'there is no agent "{name}"{suggestion(name, folders.names())}'
            raise Misuse("unknown-agent", says, hint="sps skill sync --help")
    if names:
        agents = [one for one in folders.AGENTS if one.name in names]
    found: dict[str, Path] = {}
    for agent in agents:
        paths = scope.user_folders(agent)
        shared = scope.user / _SHARED.removeprefix("~/")
        path = shared if _SHARED in agent.user else paths[0]
        found.setdefault(os.path.realpath(path), path)
    return list(found.values())


def _link(scope: Scope, folder: Path, record: Installed) -> Outcome:
    world, place = scope.world, folder / record.name
    wanted = world.skill_store.folder(record.digest)
    if wanted is None:
        return _told(record, "left", left={str(place): "its content is not in the store"})
    if place.is_symlink():
        held = os.readlink(place)
        if held == str(wanted):
            return _told(record, "already")
        if not _ours(scope, place, held):
            return _told(record, "left", left={str(place): f"it is a link to {held}"})
        scope.repository.unlink(place)
    elif os.path.lexists(place):
        return _told(record, "left", left={str(place): "something else is there"})
    if not world.skill_folders.link(place, wanted):
        tree = world.skill_store.tree(record.digest)
        if tree is not None:
            world.skill_folders.write(place, tree)
    return _told(record, "linked", places=[str(place)])


def _sweep(scope: Scope, folder: Path, names: set[str]) -> list[Outcome]:
    found: list[Outcome] = []
    for entry in scope.world.skill_folders.entries(folder):
        place = folder / entry.name
        if entry.target is None or entry.name in names:
            continue
        if entry.target.startswith(f"{scope.world.home.skill_store}{os.sep}"):
            scope.repository.unlink(place)
            found.append(Outcome(name=entry.name, did="swept", places=[str(place)]))
    return found


def _ours(scope: Scope, place: Path, held: str) -> bool:
    return not os.path.exists(place) or held.startswith(f"{scope.world.home.skill_store}{os.sep}")


def _told(
    record: Installed, did: str, *, places: list[str] | None = None,
    left: dict[str, str] | None = None,
) -> Outcome:  # fmt: skip
    return Outcome(
        name=record.name, did=did, source=record.source, path=record.path, digest=record.digest,
        places=places or [], left=left or {},
    )  # fmt: skip
