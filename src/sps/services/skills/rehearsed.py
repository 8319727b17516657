"""A store and folders that change nothing, for `--dry-run`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from sps.model.skills.tree import SkillTree
    from sps.ports.home import Home
    from sps.ports.skill_store import Entry, Installed, SkillFolders, SkillStore


class RehearsedSkillStore:
    """Answers as the store would after what was put, and keeps none of it."""

    def __init__(self, store: SkillStore, home: Home) -> None:
        self._store = store
        self._home = home
        self._trees: dict[str, SkillTree] = {}
        self._trusted: set[str] = set()

    def put(self, tree: SkillTree, record: Installed) -> Installed:
        self._trees[tree.digest] = tree
        return msgspec.structs.replace(record, trusted=self.trusted(record.digest))

    def put_all(
        self, items: Sequence[tuple[SkillTree, Installed]], *, trust: Collection[str] = ()
    ) -> list[Installed]:
        self._trusted.update(trust)
        return [self.put(tree, record) for tree, record in items]

    def change(self, record: Installed) -> None:
        if record.trusted:
            self._trusted.add(record.digest)

    def forget(self, record: Installed) -> Path:
        return self._home.skill_trash / record.name

    def folder(self, digest: str) -> Path | None:
        if digest in self._trees:
            return self._home.skill_store / digest
        return self._store.folder(digest)

    def tree(self, digest: str) -> SkillTree | None:
        return self._trees.get(digest) or self._store.tree(digest)

    def discard(self, folder: Path, why: str) -> Path:  # noqa: ARG002
        return self._home.skill_trash / folder.name

    def trusted(self, digest: str) -> bool:
        return digest in self._trusted or self._store.trusted(digest)

    def collect(self) -> list[str]:
        return []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


class RehearsedSkillFolders:
    """Reads as the folders do; writes and links nothing."""

    def __init__(self, folders: SkillFolders) -> None:
        self._folders = folders

    def read(self, folder: Path) -> SkillTree:
        return self._folders.read(folder)

    def entries(self, folder: Path) -> Sequence[Entry]:
        return self._folders.entries(folder)

    def write(self, folder: Path, tree: SkillTree, **given: Any) -> None:
        pass

    def link(self, place: Path, target: Path, **given: Any) -> bool:  # noqa: ARG002
        return True
