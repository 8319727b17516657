"""The store itself: one folder, changed by one process at a time, read by any."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import msgspec

from sps.adapters.skill_store import records, trash
from sps.adapters.skill_store.contents import Contents
from sps.adapters.skill_store.listing import Listing, ListingFile, Trust, order
from sps.lib import disk_tree, lock
from sps.lib.file_tree import Refused
from sps.model.errors import Absent, Held, Misuse, SpsError, WorkFailed
from sps.model.skills.tree import SkillTree
from sps.ports.clock import Clock
from sps.ports.skill_store import Discarded, Installed

LOCK = ".lock"
_LOCK_S = 30.0


class SkillStoreDir:
    """A store in a folder; its trash is the folder `trash` beside it. Reading writes nothing.

    All methods raise `WorkFailed("skill-list-broken")` and `NewerData("newer-data")` for a list
    that cannot be read, those that write also `Held("skills-held")` and
    `WorkFailed("skills-unwritable")`.
    """

    def __init__(self, root: Path, clock: Clock, *, lock_seconds: float = _LOCK_S) -> None:
        self._root = Path(os.path.abspath(root))
        self._trash = self._root.parent / "trash"
        self._clock = clock
        self._lock_seconds = lock_seconds
        self._list = ListingFile(self._root)
        self._contents = Contents(self._root, clock.now)

    def installed(self) -> list[Installed]:
        """Return all records by name, source and path."""
        return list(self._list.read().skills)

    def named(self, name: str) -> list[Installed]:
        """Return the records of one name."""
        return [record for record in self._list.read().skills if record.name == name]

    def put(self, tree: SkillTree, record: Installed) -> Installed:
        """Keep a tree and its record; return the record as it is kept.

        Whether it is trusted is decided by its digest, not by the record. Raises
        `Misuse("digest-mismatch")`, `Misuse("bad-record")`, `Misuse("source-refused")`.
        """
        return self.put_all([(tree, record)])[0]

    def put_all(
        self, items: Sequence[tuple[SkillTree, Installed]], *, trust: Collection[str] = ()
    ) -> list[Installed]:
        """Keep several with one write of the list, and trust the digests in `trust` besides.
        Raises as `put`."""
        for tree, record in items:
            _check_digest(tree, record)
            _check(record)
        with self._changing() as listing:
            if not self._list.exists():  # contents without a list are an error
                self._list.write(listing)
            trusted = dict(listing.trusted)
            skills = {(one.source, one.path): one for one in listing.skills}
            for tree, record in items:
                self._keep(tree, record.name)
                if record.digest in trust:
                    trusted.setdefault(record.digest, Trust())
                at = record.at or self._clock.now()
                skills[record.source, record.path] = msgspec.structs.replace(record, at=at)
            new = {record.digest for _, record in items}
            kept = {
                key: _trusted(one, trusted) if one.digest in new else one
                for key, one in skills.items()
            }
            ordered = sorted(kept.values(), key=order)
            self._list.write(Listing(trusted=trusted, skills=ordered))
        return [kept[record.source, record.path] for _, record in items]

    def change(self, record: Installed) -> None:
        """Write trusted, commands, enabled and verdict of a record. Trust holds for all records
        of its digest, and `commands` only for a trusted one."""
        _check(record)
        commands = record.commands and record.trusted
        with self._changing() as listing:
            _find(listing, record)
            trusted = {key: one for key, one in listing.trusted.items() if key != record.digest}
            if record.trusted:
                trusted[record.digest] = Trust(commands=commands)
            skills = []
            for one in listing.skills:
                kept = one
                if one.digest == record.digest:
                    kept = msgspec.structs.replace(one, trusted=record.trusted, commands=commands)
                if _same(one, record):
                    kept = msgspec.structs.replace(
                        kept, enabled=record.enabled, verdict=record.verdict
                    )
                skills.append(kept)
            self._list.write(Listing(trusted=trusted, skills=skills))

    def forget(self, record: Installed) -> Path:
        """Take a record off the list, and its content into the trash unless another uses it."""
        _check(record)
        with self._changing() as listing:
            found = _find(listing, record)
            left = [one for one in listing.skills if one is not found]
            self._list.write(_with(listing, left))
            place = self._contents.place(found.digest)
            used = any(one.digest == found.digest for one in left)
            if used or not os.path.lexists(place):
                return place
            why = f"The skill {found.name} of {found.source} ({found.path}) was removed."
            return self._throw(place, found.name, why)

    def folder(self, digest: str) -> Path | None:
        """Return the read-only folder of a content that equals its digest."""
        return self._contents.folder(digest)

    def tree(self, digest: str) -> SkillTree | None:
        """Return a content that equals its digest."""
        return self._contents.tree(digest)

    def discard(self, folder: Path, why: str) -> Path:
        """Move a folder, or a link as such, into the trash; return where it lies.

        Raises `Absent("folder-missing")`, `Misuse("discard-refused")` for one that holds the store.
        """
        place = Path(os.path.abspath(folder))
        if not os.path.lexists(place):
            raise Absent("folder-missing", f"there is no {place}", where=str(place))
        real = Path(os.path.realpath(place))
        own = (Path(os.path.realpath(self._root)), Path(os.path.realpath(self._trash)))
        if not place.is_symlink() and any(one.is_relative_to(real) for one in own):
            raise Misuse("discard-refused", f"{place} holds the skill store", where=str(place))
        with _told(place):
            return self._throw(place, place.name, why)

    def trusted(self, digest: str) -> bool:
        """Tell whether the owner has trusted this content, whatever record it had then."""
        return digest in self._list.read().trusted

    def trash(self) -> list[Discarded]:
        """Return what lies in the trash, the newest first."""
        return trash.contents(self._trash)

    def collect(self) -> list[str]:
        """Drop contents that no record names, and what a killed writer left; return digests."""
        with self._changing() as listing:
            used = {record.digest for record in listing.skills}
            dropped = [digest for digest in self._contents.names() if digest not in used]
            for digest in dropped:
                disk_tree.remove(self._contents.place(digest))
            for name in os.listdir(self._root):
                if name.startswith(".") and name.endswith(".tmp"):
                    disk_tree.remove(self._root / name)
        return dropped

    def _keep(self, tree: SkillTree, name: str) -> None:
        if self._contents.folder(tree.digest) is not None:
            return
        place = self._contents.place(tree.digest)
        if os.path.lexists(place):
            self._throw(place, name, "Its files were no longer those of its digest.")
        try:
            self._contents.write(tree)
        except Refused as err:
            raise Misuse("source-refused", f"the skill cannot be kept: {err}") from err

    def _throw(self, place: Path, name: str, why: str) -> Path:
        return trash.throw(place, self._trash, name=name, why=why, now=self._clock.now())

    @contextlib.contextmanager
    def _changing(self) -> Iterator[Listing]:
        """Give the list as it is, while no other process can change it."""
        with _told(self._root):
            self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                with lock.held(self._root / LOCK, seconds=self._lock_seconds):
                    yield self._list.read()
            except TimeoutError as err:
                says = f"another process has held the skill store for {self._lock_seconds:g} s"
                raise Held("skills-held", says, hint="try again", where=str(self._root)) from err


def _with(listing: Listing, skills: list[Installed]) -> Listing:
    return Listing(trusted=listing.trusted, skills=sorted(skills, key=order))


def _trusted(record: Installed, trusted: dict[str, Trust]) -> Installed:
    trust = trusted.get(record.digest)
    commands = trust is not None and trust.commands
    if (record.trusted, record.commands) == (trust is not None, commands):
        return record
    return msgspec.structs.replace(record, trusted=trust is not None, commands=commands)


def _check_digest(tree: SkillTree, record: Installed) -> None:
    if tree.digest != record.digest:
        says = f"the files of {record.name!r} have the digest {tree.digest}, not {record.digest}"
        raise Misuse("digest-mismatch", says)


def _same(one: Installed, other: Installed) -> bool:
    return (one.source, one.path) == (other.source, other.path)


def _find(listing: Listing, record: Installed) -> Installed:
    for one in listing.skills:
        if _same(one, record) and one.digest == record.digest:
            return one
    says = f"{record.name} of {record.source} ({record.path}) is not installed at this digest"
    raise Misuse("unknown-skill", says, hint="sps skill list")


def _check(record: Installed) -> None:
    why = records.fault(record)
    if why is not None:
        raise Misuse("bad-record", why)


@contextlib.contextmanager
def _told(place: Path) -> Iterator[None]:
    try:
        yield
    except SpsError:
        raise
    except OSError as err:
        says = f"{err.filename or place}: {err.strerror or err}"
        raise WorkFailed("skills-unwritable", says, where=str(place)) from err
