"""Where skills are kept, and where they come from."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from sps.model.skills.tree import SkillTree

BUNDLED = "bundled"


class Installed(msgspec.Struct, frozen=True, kw_only=True):
    """A skill of the store. Source, path and digest are its identity. Until its owner trusted this
    digest it is in quarantine: nothing gives it to an agent and nothing of it runs."""

    name: str
    source: str
    path: str
    commit: str | None = None
    digest: str
    description: str = ""
    trusted: bool = False
    commands: bool = False  #: the owner trusts the commands of this digest as well
    enabled: bool = True
    verdict: str = "clean"  #: of the scan: clean, flagged
    at: int = 0  #: ms, when it came


class Discarded(msgspec.Struct, frozen=True, kw_only=True):
    """A skill folder in the trash. `id` names it there."""

    id: str
    name: str
    folder: str
    why: str = ""
    at: int = 0  #: ms


class SkillStore(Protocol):
    """Contents by hash, read-only on disk, and a list of what is installed. Changes are atomic
    across processes."""

    def installed(self) -> list[Installed]:
        """Return all, by name, then source and path; thousands are cheap."""
        ...

    def named(self, name: str) -> list[Installed]: ...

    def put(self, tree: SkillTree, record: Installed) -> Installed:
        """Keep a tree and its record, in quarantine unless the digest was trusted before. A record
        of the same source and path is replaced. Raises `Misuse("digest-mismatch")`."""
        ...

    def put_all(
        self, items: Sequence[tuple[SkillTree, Installed]], *, trust: Collection[str] = ()
    ) -> list[Installed]:
        """Put several with one write of the list, and trust the digests in `trust` besides.
        Raises as `put`."""
        ...

    def change(self, record: Installed) -> None:
        """Write the flags of a record that is there. Raises `Misuse("unknown-skill")`."""
        ...

    def forget(self, record: Installed) -> Path:
        """Take a record off the list and move its content to the trash unless another record uses
        it; returns where it lies now."""
        ...

    def folder(self, digest: str) -> Path | None:
        """Return the read-only folder of a content; None when the store lacks it or it no longer
        equals its digest."""
        ...

    def tree(self, digest: str) -> SkillTree | None: ...

    def discard(self, folder: Path, why: str) -> Path:
        """Move any skill folder, an edited copy for example, into the trash; returns where."""
        ...

    def trusted(self, digest: str) -> bool:
        """Whether the owner has trusted this content, now or in an earlier record."""
        ...

    def trash(self) -> list[Discarded]:
        """Return what lies in the trash, the newest first."""
        ...

    def collect(self) -> list[str]:
        """Drop contents that no record names; returns their digests."""
        ...


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """What a source holds: skills by their folder inside it. `source` is the canonical name.

    `refused` gives the reason for each skill that is not accepted, by folder; `notes` says what
    was left out of the source, a submodule for example.
    """

    source: str
    commit: str | None
    skills: dict[str, SkillTree]
    refused: dict[str, str] = {}
    notes: tuple[str, ...] = ()


class SkillSources(Protocol):
    """Gets skills from outside without running anything of theirs."""

    def fetch(self, source: str, *, ref: str | None = None, offline: bool = False) -> Fetched:
        """Read a source: `bundled`, a folder, a Git address, a zip or tar archive.

        Raises `Misuse`: unknown-source, source-refused (says which entry and why: a link that
        leaves it, a path that leaves it, two names that differ only in case, too many, too large,
        too deep), `Absent("source-missing")`, `Absent("offline")` when it is not cached.
        """
        ...

    def bundled(self) -> dict[str, Path]:
        """Return the folders of the bundled library by name."""
        ...


class SkillFolders(Protocol):
    """Reads and places skill folders on disk: in repositories, workspaces and agents' homes."""

    def read(self, folder: Path) -> SkillTree:
        """Read a folder. Raises `Misuse("source-refused")`, `Absent("source-missing")`."""
        ...

    def write(
        self,
        folder: Path,
        tree: SkillTree,
        *,
        writable: bool = True,
        inside: Path | None = None,
    ) -> None:
        """Make a folder that must not be there, whole or not at all. With `inside`, never out of
        that folder by a link on the way. Raises `FileExistsError`, `Misuse("source-refused")`."""
        ...

    def link(self, place: Path, target: Path, *, inside: Path | None = None) -> bool:
        """Make a link; False where links do not work. `inside` as for `write`. Raises
        `FileExistsError`, `Misuse("source-refused")`."""
        ...

    def entries(self, folder: Path) -> Sequence[Entry]:
        """Return what lies directly in a skills folder, by name."""
        ...


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """Something in a skills folder. `target` is set for links, also for those that lead nowhere."""

    name: str
    folder: bool
    target: str | None = None
