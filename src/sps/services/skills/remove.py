"""Taking skills out of a repository, or out of the home. What was a folder goes to the trash."""

from __future__ import annotations

from sps.model.errors import WorkFailed
from sps.model.skills.folders import CANONICAL
from sps.model.skills.lock import LockedSkill
from sps.ports.skill_store import Installed
from sps.services.skills import ignoring, users
from sps.services.skills.candidates import identity, matching, only_one
from sps.services.skills.choosing import unknown
from sps.services.skills.locked import in_lock
from sps.services.skills.names import checked_name
from sps.services.skills.outcome import Outcome, Outcomes, outcomes, with_skill
from sps.services.skills.place import Lying, look
from sps.services.skills.scope import Scope


def remove_skills(scope: Scope, names: tuple[str, ...]) -> Outcomes:
    """Remove skills from this repository: links go, copies go to the trash, the store keeps all.

    Raises `Misuse`: bad-name, not-locked, foreign-skill, before anything is changed.
    """
    with scope.repository.held(scope.world.home.root):
        lock = scope.repository.lock()
        for name in names:
            in_lock(scope, lock, name)
        found = [_remove(scope, name) for name in dict.fromkeys(names)]
    return outcomes(scope, found)


def _remove(scope: Scope, name: str) -> Outcome:
    lock = scope.repository.lock()
    locked = lock.skills[name]
    trash: list[str] = []
    left: dict[str, str] = {}
    targets = scope.targets(lock)
    for folder in reversed(targets):  # the ways to a copy before the copy itself
        _clear(scope, folder, name, locked, trash, left)
    ignoring.reveal(scope.repository, [f"{folder}/{name}" for folder in targets])
    scope.repository.write(with_skill(lock, name, None))
    return Outcome(
        name=name, did="removed", source=locked.source, path=locked.path, digest=locked.digest,
        trash=trash, left=left,
    )  # fmt: skip


def _clear(
    scope: Scope, folder: str, name: str, locked: LockedSkill, trash: list[str],
    left: dict[str, str],
) -> None:  # fmt: skip
    lying = look(scope, folder, name, locked)
    place = scope.repository.folder(folder) / name
    if lying in (Lying.GOOD_LINK, Lying.OLD_LINK):
        scope.repository.unlink(place)
    elif lying is Lying.SAME or (lying is Lying.OTHER and folder == CANONICAL):
        why = f"removed from {scope.repository.root}"
        trash.append(str(scope.world.skill_store.discard(place, why)))
    elif lying is not Lying.NOTHING:
        left[f"{folder}/{name}"] = "it is not what was locked, and is not touched"


def forget_skill(scope: Scope, name: str, source: str | None) -> Outcome:
    """Take a skill off the home's list; its content goes to the trash.

    Raises `Misuse`: bad-name, unknown-skill, ambiguous-skill; `WorkFailed("skill-in-use")`.
    """
    world = scope.world
    checked_name(name)
    records = matching(world.skill_store.named(name), source)
    record = only_one(name, records, command=f"sps skill remove {name} --home")
    if record is None:
        raise unknown(world, name)
    if used := _needed_by(scope, record):
        says = f"{identity(record)} is used by {', '.join(used)}"
        raise WorkFailed("skill-in-use", says, hint=f"cd {used[0]} && sps skill remove {name}")
    place = world.skill_store.forget(record)
    kept = place == world.home.skill_store / record.digest  # another record has this content
    return Outcome(
        name=name, did="removed", source=record.source, path=record.path, digest=record.digest,
        trash=[] if kept else [str(place)],
    )  # fmt: skip


def used_by(scope: Scope, record: Installed) -> list[str]:
    """Return the repositories whose lock has a skill at this digest."""
    return [
        root
        for root, lock in users.locks(scope.world).items()
        if any(one.digest == record.digest for one in lock.skills.values())
    ]


def _needed_by(scope: Scope, record: Installed) -> list[str]:
    """Return the repositories that lose a skill with a record: those that locked it from this very
    source, and when nothing else has its content, those that locked the content."""
    records = scope.world.skill_store.installed()
    last = sum(one.digest == record.digest for one in records) <= 1
    return [
        root
        for root, lock in users.locks(scope.world).items()
        if any(
            one.digest == record.digest
            and (last or (one.source, one.path) == (record.source, record.path))
            for one in lock.skills.values()
        )
    ]
