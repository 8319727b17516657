"""Getting skills from outside. Nothing of a source is run, unpacked or written but git's cache."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sps.adapters.skill_sources import address
from sps.adapters.skill_sources.address import Address, Kind
from sps.adapters.skill_sources.folder import FolderTree
from sps.adapters.skill_sources.limits import Limits
from sps.adapters.skill_sources.search import Skills, skills
from sps.lib.disk_tree import DiskTree
from sps.model.errors import Absent
from sps.model.skills.tree import MAIN
from sps.ports.skill_store import Fetched

if TYPE_CHECKING:
    from sps.adapters.skill_sources.git import Git
    from sps.adapters.skill_sources.git_cache import GitCache

_NONE = Limits()


class OutsideSources:
    """The sources that this machine reaches. `skill_sources.address` says how they are written."""

    def __init__(
        self,
        *,
        library: Path,
        cache: Path,
        environment: Mapping[str, str],
        base: Path | None = None,
        limits: Limits = _NONE,
    ) -> None:
        """`library` holds the bundled skills, `cache` git's repositories. Git gets `environment`,
        which has the owner's credentials; relative paths begin in `base`, by default the current
        folder."""
        self._library = library
        self._base = base
        self._limits = limits
        self._folder = cache
        self._environment = environment

    @cached_property
    def _git(self) -> Git:
        from sps.adapters.skill_sources.git import Git

        limits = self._limits
        return Git(self._environment, seconds=limits.seconds, most=limits.fetched)

    @cached_property
    def _cache(self) -> GitCache:
        from sps.adapters.skill_sources.git_cache import GitCache

        return GitCache(self._folder, self._git)

    def fetch(self, source: str, *, ref: str | None = None, offline: bool = False) -> Fetched:
        """Read a source. A `ref` goes before one in the address of a Git source; its canonical
        name gets it unless it is a full commit id.

        A skill of the source that is refused is left out and stands in `refused` with the reason;
        the whole is refused when no skill is left, or when an archive has an entry that no archive
        should have. Raises what the port says.
        """
        found = address.parse(source, base=self._base or Path.cwd())
        if ref is not None and found.kind is not Kind.GIT:
            raise address.unknown(f"only a Git source has refs, and {source} is none")
        if found.kind is Kind.GIT:
            return self._from_git(found, ref, offline=offline)
        if found.kind is Kind.ARCHIVE:
            from sps.adapters.skill_sources import archive

            opened = archive.opened(found.place, self._limits)
            return _fetched(found, None, skills(opened, found, self._limits))
        root = str(self._library) if found.kind is Kind.BUNDLED else found.place
        with _folder(root) as disk:
            return _fetched(found, None, skills(FolderTree(disk), found, self._limits))

    def bundled(self) -> dict[str, Path]:
        """Return the folders of the bundled library by name."""
        try:
            names = sorted(os.listdir(self._library))
        except (FileNotFoundError, NotADirectoryError):
            return {}
        folders = {name: self._library / name for name in names}
        return {name: one for name, one in folders.items() if (one / MAIN).is_file()}

    def _from_git(self, source: Address, ref: str | None, *, offline: bool) -> Fetched:
        wanted = source if ref is None else source._replace(ref=address.check_ref(ref))
        from sps.adapters.skill_sources.git_tree import GitTree

        gitdir, commit = self._cache.commit(wanted, offline=offline)
        # A commit that is asked for besides belongs to the lock, not to the source's name.
        named = source if ref is None or address.is_commit(ref) else wanted
        tree = GitTree(self._git, gitdir, commit, self._limits)
        return _fetched(named, commit, skills(tree, source, self._limits))


def _folder(root: str) -> DiskTree:
    try:
        return DiskTree(Path(root))
    except FileNotFoundError as err:
        raise Absent("source-missing", f"there is no {root}", where=root) from err
    except OSError as err:
        raise address.refused(f"{root}: {err.strerror or err}") from err


def _fetched(source: Address, commit: str | None, found: Skills) -> Fetched:
    return Fetched(
        source=source.canonical,
        commit=commit,
        skills=found.trees,
        refused=found.refused,
        notes=tuple(found.notes),
    )
