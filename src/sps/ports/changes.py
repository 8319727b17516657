"""What a repository's owner has changed and not yet handed on."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import msgspec


class LocalChange(msgspec.Struct, frozen=True, kw_only=True):
    """A change as it lies in a repository: the lines it adds, per path, as ranges (first, last),
    both inclusive. Files that it only shortens are there without any range."""

    root: str  #: the top of the work tree
    base: str  #: the commit it is compared with, the empty tree's id without one
    added: dict[str, tuple[tuple[int, int], ...]]


class Changes(Protocol):
    """Looks at repositories that may be hostile: nothing that their configuration or attributes
    name is run. Errors: `Misuse("not-a-repository")`, `Absent("git-missing")`,
    `WorkFailed("git-failed")`."""

    def top(self, path: str) -> str | None:
        """Return the top of the work tree around a folder, None where there is none."""
        ...

    def look(self, path: str, *, base: str | None = None, staged: bool = False) -> LocalChange:
        """Compare the work tree with its new files, or with `staged` the index, with where it left
        `base`: the named revision, else the remote's main branch, `main`, `master`, the commit
        before. Raises also `Misuse("unknown-base")`."""
        ...

    def write_staged(self, root: str, folder: Path) -> None:
        """Write the files of the index below a folder as they are stored, for looking at them:
        links and what is larger than 1 MiB are left out."""
        ...
