"""Which skill a name means. A name alone identifies nothing: two candidates are an error."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import NamedTuple

import msgspec

from sps.lib.nearest import suggestion
from sps.model.errors import Misuse, WorkFailed
from sps.model.skills.tree import SkillTree
from sps.ports.skill_store import BUNDLED, Installed
from sps.ports.world import World
from sps.services.skills.candidates import (
    identity,
    living,
    matching,
    one_content,
    spelled,
    usable,
)
from sps.services.skills.describing import described
from sps.services.skills.names import checked_name
from sps.services.skills.vetting import vet


class Folder(NamedTuple):
    """A skill that lies outside of the store until it is needed there."""

    source: str
    path: str
    folder: Path
    before: Installed | None


def chosen(world: World, name: str, source: str | None) -> Installed:
    """Return the record that `add` puts into a repository; what was not in the store is there
    afterwards. Raises as `resolved`."""
    found = resolved(world, name, source)
    if isinstance(found, Installed):
        return found
    tree = world.skill_folders.read(found.folder)
    return keep(world, name, found.source, found.path, tree, found.before)


def resolved(world: World, name: str, source: str | None) -> Installed | Folder:
    """Return what a name means: the owner's own skill, one of the store that is trusted, else the
    bundled one. Nothing is changed.

    Raises `Misuse`: bad-name, unknown-skill, ambiguous-skill; `WorkFailed`: skill-quarantined,
    skill-disabled.
    """
    checked_name(name)
    if source is None and (own := _own(world, name)) is not None:
        return own
    records = matching(living(world.skill_store.named(name), world.home.skills), source)
    found = one_content(name, usable(records), command=f"sps skill add {name}")
    if found is not None:
        return found
    if source in (None, BUNDLED, f"{BUNDLED}//{name}"):
        shipped = _shipped(world, name)
        if shipped is not None:
            return shipped
    if records:
        raise _unusable(records[0])
    raise unknown(world, name)


def _shipped(world: World, name: str) -> Folder | None:
    folder = world.skill_sources.bundled().get(name)
    if folder is None:
        return None
    before = next((one for one in world.skill_store.named(name) if one.source == BUNDLED), None)
    if before is not None and not before.enabled:
        raise _unusable(before)
    return Folder(BUNDLED, name, folder, before)


def bundled(world: World, name: str) -> Installed | None:
    """Keep a skill of the bundled library in the store, where links lead; None without it.

    Raises `WorkFailed("skill-disabled")`.
    """
    found = _shipped(world, name)
    if found is None:
        return None
    return keep(world, name, BUNDLED, name, world.skill_folders.read(found.folder), found.before)


def keep(
    world: World, name: str, source: str, path: str, tree: SkillTree, before: Installed | None
) -> Installed:
    """Put a skill that its owner need not be asked about into the store, trusted."""
    same = before is not None and before.digest == tree.digest and before.trusted
    if before is not None and same and world.skill_store.folder(tree.digest) is not None:
        return before
    record = Installed(
        name=name, source=source, path=path, digest=tree.digest, description=described(tree),
        at=world.clock.now(), verdict=vet(tree, name, source=source, path=path).verdict,
    )  # fmt: skip
    put = msgspec.structs.replace(world.skill_store.put(tree, record), trusted=True)
    world.skill_store.change(put)
    return put


def unknown(world: World, name: str) -> Misuse:
    """Return the error for a name that nothing has, with the nearest name."""
    known = {one.name for one in world.skill_store.installed()} | set(world.skills.names())
    says = f'there is no skill "{name}"{suggestion(name, known)}'
    return Misuse("unknown-skill", says, hint="sps skill list")


def _own(world: World, name: str) -> Folder | None:
    folder = world.home.skills / name
    if folder.is_symlink() or not (folder / "SKILL.md").is_file():
        return None
    source = f"path:{folder}"
    before = next((one for one in world.skill_store.named(name) if one.source == source), None)
    return Folder(source, ".", folder, before)


def _unusable(record: Installed) -> WorkFailed:
    if not record.trusted:
        says = f"{identity(record)} is in quarantine: nobody has trusted {record.digest[:12]} yet"
        word = f"sps skill trust {record.name}@{record.digest[:12]}"
        hint = f"sps skill show {record.name} --source {shlex.quote(spelled(record))}, then {word}"
        return WorkFailed("skill-quarantined", says, hint=hint)
    says = f"{identity(record)} is disabled in this home"
    return WorkFailed("skill-disabled", says, hint=f"sps skill enable {record.name} --home")
