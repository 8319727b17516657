"""Whether lock, store and disk are the same. Nothing is fetched and nothing is written."""

from __future__ import annotations

import os
from collections.abc import Iterator

import msgspec

from sps.model.errors import Absent
from sps.model.skills import folders, lock_text
from sps.model.skills.folders import CANONICAL
from sps.model.skills.lock import LOCK_FILE, LockedFile, LockedSkill, Placement, SkillsLock
from sps.model.skills.state import Difference, SkillState
from sps.model.skills.tree import SkillTree
from sps.ports.skill_store import Installed
from sps.services.skills.names import checked_name
from sps.services.skills.place import Lying, look, read, state_from, target
from sps.services.skills.scope import Scope

_SHOWN = 8


class Differing(msgspec.Struct, frozen=True, kw_only=True):
    """One thing in which a skill is not as it is locked."""

    name: str
    kind: Difference
    path: str
    says: str


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """All skills of a lock with their states, and every difference."""

    ok: bool
    repository: str
    skills: dict[str, SkillState]
    differences: list[Differing]
    foreign: list[str]  #: folders that no lock knows: the repository's own


def check_lock(scope: Scope, names: tuple[str, ...] = ()) -> Checked:
    """Compare each locked skill, file by file and with its modes, with store and disk.

    Raises `Misuse`: broken-lock, bad-name; `NewerData("newer-lock")`.
    """
    wanted = {checked_name(name) for name in names}
    lock = scope.repository.lock()
    targets = scope.targets(lock)
    found: list[Differing] = []
    states: dict[str, SkillState] = {}
    records = _by_digest(scope.world.skill_store.installed())
    for name, locked in lock.skills.items():
        if wanted and name not in wanted:
            continue
        found += _of_lock(name, locked, records.get(locked.digest, []))
        found += _of_store(scope, name, locked, records.get(locked.digest, []))
        for folder in targets:
            lying = look(scope, folder, name, locked)
            found += _of_place(scope, folder, name, locked, lying)
            if folder == CANONICAL:
                states[name] = state_from(lying, locked)
    missing = sorted(wanted - lock.skills.keys())
    found += [
        _differing(name, Difference.MISSING, CANONICAL, "it is not locked") for name in missing
    ]
    return Checked(
        ok=not found, repository=str(scope.repository.root), skills=states, differences=found,
        foreign=_foreign(scope, lock, targets),
    )  # fmt: skip


def check_strictly(scope: Scope, *, allow_empty: bool, allow_foreign: bool) -> Checked:
    """Compare as `check_lock`, and refuse what no lock knows in the folders that agents read.

    Raises `Absent("no-lock")` without a lock; with `allow_empty` only when skills lie there.
    """
    if not scope.repository.lock_path.exists():
        empty = SkillsLock()
        lying = _foreign(scope, empty, scope.targets(empty))
        if lying or not allow_empty:
            raise _no_lock(scope, lying)
    found = check_lock(scope)
    if allow_foreign or not found.foreign:
        return found
    unlocked = [_unlocked(place) for place in found.foreign]
    return msgspec.structs.replace(found, ok=False, differences=[*found.differences, *unlocked])


def _no_lock(scope: Scope, lying: list[str]) -> Absent:
    says = f"there is no {LOCK_FILE} in {scope.repository.root}"
    hint = "sps skill add NAME"
    if lying:
        more = f" and {len(lying) - _SHOWN} more" if len(lying) > _SHOWN else ""
        says += f", and agents read {', '.join(lying[:_SHOWN])}{more}"
        own = [one for one in lying if one.startswith(f"{CANONICAL}/")]
        hint = f"sps skill freeze {own[0].rpartition('/')[2]}" if own else hint
    return Absent("no-lock", says, hint=hint, where=str(scope.repository.lock_path))


def _unlocked(place: str) -> Differing:
    folder, _, name = place.rpartition("/")
    way = f"sps skill freeze {name}" if folder == CANONICAL else "move it away"
    says = f"it is in no lock, and agents read it: {way}, or allow it by --allow-foreign"
    return _differing(name, Difference.FOREIGN, place, says)


def _foreign(scope: Scope, lock: SkillsLock, targets: list[str]) -> list[str]:
    """Return what lies in the folders that agents read without having been put there by a lock."""
    found: list[str] = []
    seen: set[str] = set()
    for folder in folders.project_folders():
        real = os.path.realpath(scope.repository.root / folder)
        if real in seen or not os.path.isdir(real):
            continue
        seen.add(real)
        for one in scope.world.skill_folders.entries(scope.repository.root / folder):
            locked = folder in targets and one.name in lock.skills
            if not locked and (one.folder or one.target is not None):
                found.append(f"{folder}/{one.name}")
    return found


def _by_digest(records: list[Installed]) -> dict[str, list[Installed]]:
    found: dict[str, list[Installed]] = {}
    for record in records:
        found.setdefault(record.digest, []).append(record)
    return found


def _of_lock(name: str, locked: LockedSkill, records: list[Installed]) -> Iterator[Differing]:
    if lock_text.digest_of(locked.files) != locked.digest:
        says = "the lock's digest is not that of the files it lists"
        yield _differing(name, Difference.TAMPERED_LOCK, "digest", says)
    below = {path: one for path, one in locked.files.items() if path.startswith("checks/")}
    if (lock_text.digest_of(below) if below else None) != locked.checks:
        says = "the lock's digest of the checks is not that of the files it lists"
        yield _differing(name, Difference.TAMPERED_LOCK, "checks", says)
    same = [one for one in records if (one.source, one.path) == (locked.source, locked.path)]
    if records and not same:
        says = f"the lock says {locked.source}//{locked.path}; the store knows it from elsewhere"
        yield _differing(name, Difference.TAMPERED_LOCK, "source", says)
    if any(one.verdict != locked.verdict for one in same):
        says = f'the lock says "{locked.verdict}", the scan said "{same[0].verdict}"'
        yield _differing(name, Difference.TAMPERED_LOCK, "verdict", says)


def _of_store(
    scope: Scope, name: str, locked: LockedSkill, records: list[Installed]
) -> Iterator[Differing]:
    if locked.placement is Placement.FROZEN or locked.disabled:
        return
    store = scope.world.skill_store
    if store.folder(locked.digest) is None:
        says = f"the store has no intact {locked.digest[:12]}: sps skill sync"
        yield _differing(name, Difference.NOT_IN_STORE, locked.digest, says)
        yield from _edited(scope, name, locked)
    elif not store.trusted(locked.digest):
        says = f"nobody has trusted it here: sps skill trust {name}@{locked.digest[:12]}"
        yield _differing(name, Difference.NOT_TRUSTED, locked.digest, says)
    if records and not any(one.enabled for one in records):
        says = f"it is disabled in this home: sps skill enable {name} --home"
        yield _differing(name, Difference.DISABLED, locked.digest, says)


def _edited(scope: Scope, name: str, locked: LockedSkill) -> Iterator[Differing]:
    """Name the files that were edited through a link, in the store itself."""
    tree = read(scope, scope.world.home.skill_store / locked.digest)
    if tree is None or locked.placement is not Placement.LINK:
        return
    for path in sorted({*locked.files, *tree.files}):
        one = _file(name, f"{CANONICAL}/{name}", path, locked.files.get(path), tree)
        if one is not None:
            yield one


def _of_place(
    scope: Scope, folder: str, name: str, locked: LockedSkill, lying: Lying
) -> Iterator[Differing]:
    where = f"{folder}/{name}"
    if locked.disabled:
        if lying is not Lying.NOTHING:
            says = "it is disabled, and still there: sps skill sync"
            yield _differing(name, Difference.DISABLED, where, says)
    elif lying is Lying.NOTHING:
        yield _differing(name, Difference.MISSING, where, "it is not there: sps skill sync")
    elif lying is Lying.FOREIGN:
        yield _differing(name, Difference.FOREIGN, where, "something else is there")
    elif lying is Lying.OLD_LINK:
        yield from _old_link(scope, folder, name, locked)
    elif lying is Lying.OTHER:
        yield from _other(scope, where, name, locked)


def _old_link(scope: Scope, folder: str, name: str, locked: LockedSkill) -> Iterator[Differing]:
    held = os.readlink(scope.repository.folder(folder) / name)
    right = os.path.abspath(scope.world.home.skill_store / locked.digest)
    if locked.placement is Placement.LINK and held == right and os.path.exists(held):
        return  # the link is right; what is wrong with the store is said
    wanted = target(scope, folder, name, locked) or "a copy"
    says = f"it leads to {held}, not to {wanted}: sps skill sync"
    yield _differing(name, Difference.WRONG_LINK, f"{folder}/{name}", says)


def _other(scope: Scope, where: str, name: str, locked: LockedSkill) -> Iterator[Differing]:
    tree = read(scope, scope.repository.root / where)
    if tree is None:
        says = "it holds what no skill may hold, a link out of it for example"
        yield _differing(name, Difference.MODIFIED, where, says)
        return
    if locked.placement is Placement.FROZEN and tree.digest == locked.edited:
        return
    for path in sorted({*locked.files, *tree.files}):
        if (one := _file(name, where, path, locked.files.get(path), tree)) is not None:
            yield one


def _file(
    name: str, where: str, path: str, then: LockedFile | None, tree: SkillTree
) -> Differing | None:
    now, place = tree.files.get(path), f"{where}/{path}"
    if now is None:
        return _differing(name, Difference.MISSING_FILE, place, "this file is missing")
    if then is None:
        return _differing(name, Difference.EXTRA_FILE, place, "this file is in no lock")
    if now.digest != then.sha256:
        return _differing(name, Difference.CHANGED_FILE, place, "its content is not the locked one")
    if now.mode != then.mode:
        says = f"its mode is {now.mode}, locked is {then.mode}"
        return _differing(name, Difference.CHANGED_MODE, place, says)
    return None


def _differing(name: str, kind: Difference, path: str, says: str) -> Differing:
    return Differing(name=name, kind=kind, path=path, says=says)
