"""Newer versions: first shown, then taken in. A source is never exchanged for another."""

from __future__ import annotations

import msgspec

from sps.model.errors import SpsError, WorkFailed
from sps.model.skills.diff import SkillDiff, diff
from sps.model.skills.folders import CANONICAL
from sps.model.skills.lock import LockedSkill, Placement
from sps.model.skills.tree import SkillTree
from sps.ports.skill_store import Fetched, Installed
from sps.services.skills.add import locked_as
from sps.services.skills.describing import described
from sps.services.skills.locked import in_lock
from sps.services.skills.merging import merge_trees, rewrite
from sps.services.skills.outcome import Outcome, Outcomes, outcome, outcomes, with_skill
from sps.services.skills.place import Lying, look, read
from sps.services.skills.repository_own import own_source
from sps.services.skills.scope import Scope
from sps.services.skills.settling import Settled, settle
from sps.services.skills.sync import restore
from sps.services.skills.vetting import vet


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A newer version of a locked skill, and what it would change."""

    name: str
    old: str
    record: Installed
    tree: SkillTree
    change: SkillDiff
    conflicts: tuple[str, ...] = ()  #: files that both its source and the repository changed

    @property
    def risky(self) -> bool:
        """Whether somebody has to look: new scripts, tools, links, or what the scan flags."""
        return bool(self.change.risks) or self.record.verdict != "clean"


class Offers(msgspec.Struct, frozen=True, kw_only=True):
    """What there is. `current` are up to date; `failed` says why a skill cannot be updated."""

    offers: list[Offer]
    current: list[str]
    failed: dict[str, str]


def offers(scope: Scope, names: tuple[str, ...], *, ref: str | None = None) -> Offers:
    """Fetch the sources of some skills, of all when none is named, and compare.

    Raises `Misuse`: bad-name, not-locked, foreign-skill, broken-lock.
    """
    lock = scope.repository.lock()
    wanted = {name: in_lock(scope, lock, name) for name in names or sorted(lock.skills)}
    own = [name for name, locked in wanted.items() if locked.source == own_source(name)]
    wanted = {name: locked for name, locked in wanted.items() if name not in own}
    fetched: dict[str, Fetched] = {}
    found, current, failed = list[Offer](), own, dict[str, str]()
    for name, locked in wanted.items():
        try:
            offer = _offer(scope, name, locked, fetched, ref)
        except SpsError as err:
            failed[name] = f"{err.message} [{err.code}]"
            continue
        if offer is None:
            current.append(name)
        else:
            found.append(offer)
    return Offers(offers=found, current=current, failed=failed)


def _offer(
    scope: Scope, name: str, locked: LockedSkill, fetched: dict[str, Fetched], ref: str | None
) -> Offer | None:
    if locked.source not in fetched:
        fetched[locked.source] = scope.world.skill_sources.fetch(locked.source, ref=ref)
    got = fetched[locked.source]
    if got.source != locked.source:
        says = f'"{name}" is locked from {locked.source}, which now answers as {got.source}'
        raise WorkFailed("source-changed", says, hint=f"sps skill remove {name}")
    tree = got.skills.get(locked.path)
    if tree is None:
        says = f"{locked.source} no longer has {locked.path}; the locked version stays"
        raise WorkFailed("gone-upstream", says, hint=f"sps skill remove {name}")
    if tree.digest == locked.digest:
        return None
    old = _base(scope, name, locked)
    others = tuple(one for one in scope.repository.lock().skills if one != name)
    record = Installed(
        name=name, source=locked.source, path=locked.path, commit=got.commit,
        digest=tree.digest, description=described(tree), at=scope.world.clock.now(),
        verdict=vet(tree, name, others, source=locked.source, path=locked.path).verdict,
    )  # fmt: skip
    conflicts = _conflicts(scope, name, locked, old, tree)
    return Offer(
        name=name, old=locked.digest, record=record, tree=tree, change=diff(old, tree),
        conflicts=conflicts,
    )  # fmt: skip


def _base(scope: Scope, name: str, locked: LockedSkill) -> SkillTree:
    tree = scope.world.skill_store.tree(locked.digest)
    return tree if tree is not None else restore(scope, name, locked, offline=False)


def _conflicts(
    scope: Scope, name: str, locked: LockedSkill, old: SkillTree, new: SkillTree
) -> tuple[str, ...]:
    if locked.placement is not Placement.FROZEN:
        return ()
    mine = read(scope, scope.repository.folder(CANONICAL) / name)
    if mine is None:
        return ()
    return tuple(merge_trees(scope.world.skill_merge, old, mine, new).conflicts)


def accept(scope: Scope, found: list[Offer], *, keep_mine: bool = False) -> Outcomes:
    """Take offers in: their digests are trusted from now on, commands among their checks are not.

    A frozen copy gets a three-way merge. On a conflict it stays as it is, unless `keep_mine`: then
    the conflicting files do, and all else is updated.
    Raises `WorkFailed("skill-changed")` when the lock is another one than when it was looked at.
    """
    with scope.repository.held(scope.world.home.root):
        done = [_accept(scope, one, keep_mine=keep_mine) for one in found]
    return outcomes(scope, done)


def _accept(scope: Scope, offer: Offer, *, keep_mine: bool) -> Outcome:
    lock = scope.repository.lock()
    locked = in_lock(scope, lock, offer.name)
    if locked.digest != offer.old:
        says = f'"{offer.name}" was changed meanwhile'
        raise WorkFailed("skill-changed", says, hint="sps skill update")
    settled = Settled(made=[], removed=[], left={}, trash=[])
    edited: str | None = None
    if locked.placement is Placement.FROZEN:
        merged = _merge(scope, offer, locked, settled, keep_mine=keep_mine)
        if merged is None:
            return outcome(scope, lock, offer.name, "conflict", settled)
        accepted = locked.edited is not None and merged.digest != offer.tree.digest
        edited = merged.digest if accepted else None
    elif look(scope, CANONICAL, offer.name, locked) is Lying.OTHER:
        settled.left[f"{CANONICAL}/{offer.name}"] = (
            f"it was edited: sps skill freeze {offer.name} keeps the edits"
        )
        return outcome(scope, lock, offer.name, "left", settled)
    record = _kept(scope, offer)
    new = locked_as(record, offer.tree, locked.placement)
    new = msgspec.structs.replace(new, disabled=locked.disabled, edited=edited)
    lock = with_skill(lock, offer.name, new)
    scope.repository.write(lock)
    settled.add(settle(scope, lock, [offer.name]))
    return outcome(scope, lock, offer.name, "updated", settled)


def _kept(scope: Scope, offer: Offer) -> Installed:
    put = scope.world.skill_store.put(offer.tree, offer.record)
    trusted = msgspec.structs.replace(put, trusted=True)
    scope.world.skill_store.change(trusted)
    return trusted


def _merge(
    scope: Scope, offer: Offer, locked: LockedSkill, settled: Settled, *, keep_mine: bool
) -> SkillTree | None:
    """Bring the new version into a frozen copy; return what it is now, None when it was left
    alone."""
    where = f"{CANONICAL}/{offer.name}"
    place = scope.repository.folder(CANONICAL) / offer.name
    mine = None if place.is_symlink() else read(scope, place)
    if mine is None:
        settled.left[where] = f"the frozen copy cannot be read: git restore {where}"
        return None
    base = _base(scope, offer.name, locked)
    merged = merge_trees(scope.world.skill_merge, base, mine, offer.tree)
    if merged.conflicts and not keep_mine:
        for path in merged.conflicts:
            settled.left[f"{where}/{path}"] = "both you and its source changed it"
        return None
    if not scope.repository.dry:
        rewrite(place, mine, merged.tree)
    settled.made.append(where)
    return merged.tree
