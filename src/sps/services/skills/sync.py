"""Restoring what a lock says: contents from their sources, links into the folders of agents."""

from __future__ import annotations

import msgspec

from sps.model.errors import SpsError, WorkFailed
from sps.model.skills.lock import LockedSkill, Placement
from sps.model.skills.tree import SkillTree
from sps.ports.skill_store import BUNDLED, Installed
from sps.services.skills import users
from sps.services.skills.describing import described
from sps.services.skills.outcome import Outcome, Outcomes, outcome, outcomes
from sps.services.skills.scope import Scope
from sps.services.skills.settling import settle, sweep
from sps.services.skills.vetting import vet


class Syncing(msgspec.Struct, frozen=True, kw_only=True):
    """How a lock is restored. `trust` is the owner's word for every digest that the lock names."""

    offline: bool = False
    trust: bool = False
    shared: bool = False


def sync_repository(scope: Scope, how: Syncing) -> Outcomes:
    """Bring this repository's folders to what its lock says. What somebody edited or put there
    himself is left, and said. Raises `Misuse("broken-lock")`."""
    with scope.repository.held(scope.world.home.root):
        lock = scope.repository.lock()
        found: list[Outcome] = []
        for name, locked in lock.skills.items():
            thrown = _thrown(scope)
            failed = "" if locked.disabled else _have(scope, name, locked, how)
            edits = [one for one in _thrown(scope) if one not in thrown]
            done = settle(scope, lock, [name], shared=how.shared)
            if failed:
                done.left = dict.fromkeys(done.left or {name: ""}, failed)
            did = "repaired" if edits else "synced" if done.made else "already"
            done.trash += edits
            found.append(outcome(scope, lock, name, did, done))
        found += [
            Outcome(name=place.rpartition("/")[2], did="swept", places=[place])
            for place in sweep(scope, lock).removed
        ]
    users.note(scope)
    return outcomes(scope, found)


def _thrown(scope: Scope) -> list[str]:
    return [one.folder for one in scope.world.skill_store.trash()]


def _have(scope: Scope, name: str, locked: LockedSkill, how: Syncing) -> str:
    """See to it that the locked content is in the store and trusted; return why it is not."""
    store = scope.world.skill_store
    try:
        tree = store.tree(locked.digest)
        if tree is None and locked.placement is Placement.FROZEN:
            return ""  # it lies in the repository; its base is fetched when it is needed
        if tree is None:
            tree = restore(scope, name, locked, offline=how.offline)
        if how.trust and not store.trusted(locked.digest):
            _register(scope, name, locked, tree, trust=True)
    except SpsError as err:
        return f"{err.message}{f' (next: {err.hint})' if err.hint else ''}"
    return ""


def restore(scope: Scope, name: str, locked: LockedSkill, *, offline: bool) -> SkillTree:
    """Get exactly the locked content into the store again, from its source at its commit. It stays
    in quarantine unless its digest was trusted before, or the library of this program has it.

    Raises `WorkFailed`: source-changed, skill-refused; whatever the source raises.
    """
    got = scope.world.skill_sources.fetch(locked.source, ref=locked.commit, offline=offline)
    tree = got.skills.get(locked.path)
    if tree is None or tree.digest != locked.digest:
        what = "no longer has it" if tree is None else f"gives {tree.digest[:12]}"
        where = f"{locked.source}//{locked.path}"
        says = f'"{name}" is locked at {locked.digest[:12]}, but {where} {what}'
        raise WorkFailed("source-changed", says, hint=f"sps skill update {name}")
    _register(scope, name, locked, tree, trust=locked.source == BUNDLED)
    return tree


def _register(
    scope: Scope, name: str, locked: LockedSkill, tree: SkillTree, *, trust: bool
) -> None:
    """Keep a content with a record of the lock's. The home's own choice of a version of that skill
    stays what it was."""
    store = scope.world.skill_store
    record = Installed(
        name=name, source=locked.source, path=locked.path, commit=locked.commit,
        digest=tree.digest, description=described(tree), at=scope.world.clock.now(),
        verdict=vet(tree, name, source=locked.source, path=locked.path).verdict,
    )  # fmt: skip
    chosen = [
        one for one in store.named(name)
        if (one.source, one.path) == (locked.source, locked.path) and one.digest != tree.digest
    ]  # fmt: skip
    put = store.put(tree, record)
    if trust:
        store.change(msgspec.structs.replace(put, trusted=True))
    for one in chosen:
        if (kept := store.tree(one.digest)) is not None:
            store.put(kept, one)
