"""Making a skill the repository's own copy, and giving it back. No edit is lost on either way."""

from __future__ import annotations

import msgspec

from sps.model.errors import Absent, WorkFailed
from sps.model.skills import lock_text
from sps.model.skills.folders import CANONICAL
from sps.model.skills.lock import LockedSkill, Placement, SkillsLock
from sps.model.skills.tree import SkillTree
from sps.services.skills import ignoring, users
from sps.services.skills.locked import in_lock
from sps.services.skills.names import checked_name
from sps.services.skills.outcome import Outcome, Outcomes, outcome, outcomes, with_skill
from sps.services.skills.place import Lying, look, read, unusable
from sps.services.skills.repository_own import own_folder, own_source
from sps.services.skills.scope import Scope
from sps.services.skills.settling import Settled, settle
from sps.services.skills.vetting import vet


def freeze_skills(scope: Scope, names: tuple[str, ...]) -> Outcomes:
    """Turn links into copies that are committed and free to edit. For one that is frozen already
    its edits are accepted, so that `ci` agrees with them. A folder of the repository's own that no
    lock knows is locked as it is.

    Raises `Misuse`: bad-name, not-locked, foreign-skill; `WorkFailed`: place-taken, disabled,
    skill-refused; `Absent("content-missing")`.
    """
    with scope.repository.held(scope.world.home.root):
        found = [_freeze(scope, name) for name in dict.fromkeys(names)]
    users.note(scope)
    return outcomes(scope, found)


def _freeze(scope: Scope, name: str) -> Outcome:
    lock = scope.repository.lock()
    if checked_name(name) not in lock.skills and own_folder(scope.repository.root, name):
        return _adopt(scope, lock, name)
    locked = in_lock(scope, lock, name)
    if locked.disabled:
        says = f'"{name}" is disabled here'
        raise WorkFailed("disabled", says, hint=f"sps skill enable {name}")
    lying = look(scope, CANONICAL, name, locked)
    place = scope.repository.made_folder(CANONICAL) / name
    if lying is Lying.FOREIGN:
        raise _taken(name)
    if locked.placement is Placement.FROZEN and lying in (Lying.SAME, Lying.OTHER):
        return _accept(scope, lock, name, locked)
    if lying in (Lying.NOTHING, Lying.GOOD_LINK, Lying.OLD_LINK):
        tree = _content(scope, name, locked)
        scope.repository.unlink(place)
        scope.world.skill_folders.write(place, tree, inside=scope.repository.root)
    ignoring.reveal(scope.repository, [f"{one}/{name}" for one in scope.targets(lock)])
    frozen = msgspec.structs.replace(locked, placement=Placement.FROZEN)
    lock = with_skill(lock, name, frozen)
    scope.repository.write(lock)
    return outcome(scope, lock, name, "frozen", _settled(scope, lock, name))


def _adopt(scope: Scope, lock: SkillsLock, name: str) -> Outcome:
    """Lock a folder of the repository's own as it is now."""
    tree = read(scope, scope.repository.folder(CANONICAL) / name)
    if tree is None:
        raise _taken(name)
    checks = tree.below("checks")
    locked = LockedSkill(
        source=own_source(name), path=".", digest=tree.digest,
        checks=checks.digest if checks.files else None, verdict=vet(tree, name).verdict,
        placement=Placement.FROZEN, files=lock_text.files_of(tree),
    )  # fmt: skip
    ignoring.reveal(scope.repository, [f"{one}/{name}" for one in scope.targets(lock)])
    lock = with_skill(lock, name, locked)
    scope.repository.write(lock)
    return outcome(scope, lock, name, "adopted", _settled(scope, lock, name))


def _accept(scope: Scope, lock: SkillsLock, name: str, locked: LockedSkill) -> Outcome:
    tree = read(scope, scope.repository.folder(CANONICAL) / name)
    if tree is None:
        raise _taken(name)
    edited = None if tree.digest == locked.digest else tree.digest
    done = "already" if edited == locked.edited else "kept"
    lock = with_skill(lock, name, msgspec.structs.replace(locked, edited=edited))
    scope.repository.write(lock)
    return outcome(scope, lock, name, done, _settled(scope, lock, name))


def unfreeze_skills(scope: Scope, names: tuple[str, ...], *, discard: bool = False) -> Outcomes:
    """Turn copies of the repository's own into links again. An edited one only with `discard`, and
    then it lies in the trash.

    Raises as `freeze_skills`, and `WorkFailed`: not-frozen, skill-edited.
    """
    with scope.repository.held(scope.world.home.root):
        found = [_unfreeze(scope, name, discard=discard) for name in dict.fromkeys(names)]
    return outcomes(scope, found)


def _unfreeze(scope: Scope, name: str, *, discard: bool) -> Outcome:
    lock = scope.repository.lock()
    locked = in_lock(scope, lock, name)
    place = scope.repository.folder(CANONICAL) / name
    linked = msgspec.structs.replace(locked, placement=Placement.LINK, edited=None)
    if locked.placement is not Placement.FROZEN:
        settled = _settled(scope, lock, name)
        return outcome(scope, lock, name, "already", settled)
    if locked.source == own_source(name):
        says = f'"{name}" is this repository\'s own: there is nothing to link to'
        raise WorkFailed("repository-own", says, hint=f"sps skill remove {name}")
    _content(scope, name, locked)
    lying = look(scope, CANONICAL, name, locked)
    if lying is Lying.FOREIGN:
        raise _taken(name)
    if lying is Lying.OTHER and not discard:
        raise _edited(scope, name, locked)
    settled = Settled(made=[], removed=[], left={}, trash=[])
    if lying in (Lying.OTHER, Lying.SAME):
        why = f"unfrozen in {scope.repository.root}"
        settled.trash.append(str(scope.world.skill_store.discard(place, why)))
    lock = with_skill(lock, name, linked)
    scope.repository.write(lock)
    settled.add(_settled(scope, lock, name))
    return outcome(scope, lock, name, "unfrozen", settled)


def _settled(scope: Scope, lock: SkillsLock, name: str) -> Settled:
    """Settle, unless nothing was really done: then the disk says nothing about afterwards."""
    if scope.repository.dry:
        return Settled(made=[], removed=[], left={}, trash=[])
    return settle(scope, lock, [name])


def changed_paths(locked: LockedSkill, tree: SkillTree) -> list[str]:
    """Return the files in which a copy differs from what was locked."""
    paths = sorted({*locked.files, *tree.files})
    return [path for path in paths if not _equal(locked, tree, path)]


def _equal(locked: LockedSkill, tree: SkillTree, path: str) -> bool:
    then, now = locked.files.get(path), tree.files.get(path)
    return (
        then is not None and now is not None
        and (then.sha256, then.mode) == (now.digest, now.mode)
    )  # fmt: skip


def _content(scope: Scope, name: str, locked: LockedSkill) -> SkillTree:
    tree = scope.world.skill_store.tree(locked.digest)
    if tree is None:
        says = f'the content {locked.digest[:12]} of "{name}" is not in the store'
        raise Absent("content-missing", says, hint="sps skill sync")
    if why := unusable(scope, name, locked):
        raise WorkFailed("skill-quarantined", f'"{name}": {why}', hint=f"sps skill show {name}")
    return tree


def _taken(name: str) -> WorkFailed:
    place = f"{CANONICAL}/{name}"
    says = f"{place} is not what was locked, and is not touched"
    return WorkFailed("place-taken", says, hint=f"move {place} away", where=place)


def _edited(scope: Scope, name: str, locked: LockedSkill) -> WorkFailed:
    tree = read(scope, scope.repository.folder(CANONICAL) / name)
    files = changed_paths(locked, tree) if tree is not None else ["its folder"]
    says = f'"{name}" was edited: {", ".join(files[:20])}'
    hint = f"sps skill unfreeze {name} --discard   # the edited copy goes to the trash"
    return WorkFailed("skill-edited", says, hint=hint)
