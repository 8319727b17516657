"""Which skill a name means. A name alone identifies nothing: two candidates are an error."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from sps.lib.nearest import suggestion
from sps.model.errors import Misuse, WorkFailed
from sps.model.skills.tree import SkillTree
from sps.ports.skill_store import BUNDLED, Installed
from sps.ports.world import World
from sps.services.skills.describing import described
from sps.services.skills.names import checked_name
from sps.services.skills.vetting import vet


def identity(record: Installed) -> str:
    """Return how people tell two skills of one name apart: `name (source//path)`."""
    return f"{record.name} ({record.source}//{record.path})"


def only_one(name: str, records: Sequence[Installed], *, hint: str) -> Installed | None:
    """Return the only record. Raises `Misuse("ambiguous-skill")` when there are more."""
    if len(records) > 1:
        listed = ", ".join(identity(one) for one in records)
        says = f'"{name}" is the name of {len(records)} skills: {listed}'
        raise Misuse("ambiguous-skill", says, hint=hint)
    return records[0] if records else None


def matches(record: Installed, source: str | None) -> bool:
    """Whether a record comes from a source, given as `source` or `source//path`."""
    return source is None or source in (record.source, f"{record.source}//{record.path}")


def chosen(world: World, name: str, source: str | None) -> Installed:
    """Return the record that `add` puts into a repository: the owner's own skill, one of the store
    that is trusted, else the bundled one. What was not in the store is there afterwards.

    Raises `Misuse`: bad-name, unknown-skill, ambiguous-skill; `WorkFailed("skill-quarantined")`.
    """
    checked_name(name)
    if source is None and (own := _own(world, name)) is not None:
        return own
    records = [
        one for one in world.skill_store.named(name)
        if matches(one, source) and one.source != BUNDLED
    ]  # fmt: skip
    usable = [one for one in records if one.trusted and one.enabled]
    hint = f"sps skill add {name} --source SOURCE//PATH"
    if (found := only_one(name, usable, hint=hint)) is not None:
        return found
    if records:
        raise _unusable(records[0])
    shipped = source in (None, BUNDLED, f"{BUNDLED}//{name}")
    if shipped and (found := bundled(world, name)) is not None:
        return found
    raise unknown(world, name)


def bundled(world: World, name: str) -> Installed | None:
    """Keep a skill of the bundled library in the store, where links lead; None without it.

    Raises `WorkFailed("skill-disabled")`.
    """
    folder = world.skill_sources.bundled().get(name)
    if folder is None:
        return None
    before = next((one for one in world.skill_store.named(name) if one.source == BUNDLED), None)
    if before is not None and not before.enabled:
        raise _unusable(before)
    return keep(world, name, BUNDLED, name, world.skill_folders.read(folder), before)


def keep(
    world: World, name: str, source: str, path: str, tree: SkillTree, before: Installed | None
) -> Installed:
    """Put a skill that its owner need not be asked about into the store, trusted."""
    same = before is not None and before.digest == tree.digest and before.trusted
    if before is not None and same and world.skill_store.folder(tree.digest) is not None:
        return before
    record = Installed(
        name=name, source=source, path=path, digest=tree.digest, description=described(tree),
        at=world.clock.now(), verdict=vet(tree, name).verdict,
    )  # fmt: skip
    put = msgspec.structs.replace(world.skill_store.put(tree, record), trusted=True)
    world.skill_store.change(put)
    return put


def unknown(world: World, name: str) -> Misuse:
    """Return the error for a name that nothing has, with the nearest name."""
    known = {one.name for one in world.skill_store.installed()} | set(world.skills.names())
    says = f'there is no skill "{name}"{suggestion(name, known)}'
    return Misuse("unknown-skill", says, hint="sps skill list")


def _own(world: World, name: str) -> Installed | None:
    folder = world.home.skills / name
    if folder.is_symlink() or not (folder / "SKILL.md").is_file():
        return None
    source = f"path:{folder}"
    before = next((one for one in world.skill_store.named(name) if one.source == source), None)
    return keep(world, name, source, ".", world.skill_folders.read(folder), before)


def _unusable(record: Installed) -> WorkFailed:
    if not record.trusted:
        says = f"{identity(record)} is in quarantine: nobody has trusted {record.digest[:12]} yet"
        hint = (
            f"sps skill show {record.name}, then sps skill trust {record.name}@{record.digest[:12]}"
        )
        return WorkFailed("skill-quarantined", says, hint=hint)
    says = f"{identity(record)} is disabled in this home"
    return WorkFailed("skill-disabled", says, hint=f"sps skill enable {record.name} --home")
