"""What verbs took away, and its way back."""

from __future__ import annotations

from pathlib import Path

import msgspec

from sps.model.errors import Misuse, WorkFailed
from sps.model.skills.folders import CANONICAL
from sps.model.skills.lock import Placement
from sps.ports.skill_store import Discarded
from sps.services.skills import ignoring
from sps.services.skills.names import checked_name
from sps.services.skills.outcome import Outcome, with_skill
from sps.services.skills.place import Lying, look
from sps.services.skills.scope import Scope
from sps.services.skills.settling import settle


class Trash(msgspec.Struct, frozen=True, kw_only=True):
    """All that lies in the trash, the newest first."""

    items: list[Discarded]


def list_trash(scope: Scope) -> Trash:
    """List the trash of the home."""
    return Trash(items=scope.world.skill_store.trash())


def restore_from_trash(scope: Scope, item: str, name: str | None = None) -> Outcome:
    """Put a copy of something in the trash into this repository, as its own: frozen when a skill of
    that name is locked, else as a folder that no lock knows. It stays in the trash as well.

    Raises `Misuse`: unknown-item, bad-name, source-refused; `WorkFailed("place-taken")`.
    """
    world = scope.world
    found = next((one for one in world.skill_store.trash() if one.id == item), None)
    if found is None:
        raise Misuse(
            "unknown-item", f'"{item[:200]}" is not in the trash', hint="sps skill trash list"
        )
    name = checked_name(name or found.name)
    tree = world.skill_folders.read(Path(found.folder))
    with scope.repository.held(world.home.root):
        lock = scope.repository.lock()
        locked = lock.skills.get(name)
        place = scope.repository.made_folder(CANONICAL) / name
        lying = Lying.NOTHING
        if locked is not None:
            lying = look(scope, CANONICAL, name, locked)
        elif place.exists() or place.is_symlink():
            lying = Lying.FOREIGN
        if lying not in (Lying.NOTHING, Lying.GOOD_LINK, Lying.OLD_LINK):
            says = f"{CANONICAL}/{name} is there already"
            raise WorkFailed("place-taken", says, hint=f"sps skill trash restore {item} --as NAME")
        scope.repository.unlink(place)
        world.skill_folders.write(place, tree, inside=scope.repository.root)
        ignoring.reveal(scope.repository, [f"{CANONICAL}/{name}"])
        if locked is not None:
            frozen = msgspec.structs.replace(
                locked, placement=Placement.FROZEN, disabled=False, edited=None
            )
            lock = with_skill(lock, name, frozen)
            scope.repository.write(lock)
            settle(scope, lock, [name])
    return Outcome(name=name, did="restored", digest=tree.digest, places=[f"{CANONICAL}/{name}"])
