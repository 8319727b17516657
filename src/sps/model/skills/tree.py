"""The files of a skill, and the one hash of them all."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

import msgspec

from sps.lib.file_tree import GENERATED, Bounds, Row

MAIN = "SKILL.md"
FILES_LIMIT = 2000
BYTES_LIMIT = 10 * 1024 * 1024
DEPTH_LIMIT = 20
BOUNDS = Bounds(FILES_LIMIT, BYTES_LIMIT, DEPTH_LIMIT)  #: of one skill


class SkillFile(msgspec.Struct, frozen=True, kw_only=True):
    """A regular file of a skill. `path` is relative, with slashes."""

    path: str
    content: bytes
    executable: bool = False

    @property
    def mode(self) -> str:
        """`755` or `644`: all that is kept of a file's mode."""
        return "755" if self.executable else "644"

    @property
    def digest(self) -> str:
        """The sha-256 of the content."""
        return sha256(self.content).hexdigest()


class SkillTree(msgspec.Struct, frozen=True, kw_only=True):
    """All files of a skill by path. Equal trees, wherever they come from, have equal digests."""

    files: dict[str, SkillFile]

    @property
    def digest(self) -> str:
        """The sha-256 over mode, content and path of each file."""
        whole = sha256()
        rows = sorted(
            (path.encode(errors="surrogateescape"), file) for path, file in self.files.items()
        )
        for raw, file in rows:
            whole.update(f"{file.mode} {file.digest} {len(raw)}:".encode() + raw)
        return whole.hexdigest()

    def text(self, path: str) -> str | None:
        """Return a file as text; None when it is missing or no UTF-8."""
        file = self.files.get(path)
        try:
            return None if file is None else file.content.decode()
        except UnicodeDecodeError:
            return None

    def below(self, folder: str) -> SkillTree:
        """Return the part below a folder, its paths relative to the whole."""
        inside = {path: file for path, file in self.files.items() if path.startswith(folder + "/")}
        return SkillTree(files=inside)


def tree_of(files: list[SkillFile]) -> SkillTree:
    """Make a tree of files, which must differ in their paths. What an interpreter leaves behind is
    no part of a skill: its digest has to be the same wherever it lies."""
    kept = [file for file in files if GENERATED not in file.path.split("/")]
    return SkillTree(files={file.path: file for file in sorted(kept, key=lambda one: one.path)})


def tree_of_rows(rows: Iterable[Row]) -> SkillTree:
    """Make a tree of what a listing gave."""
    return tree_of([SkillFile(path=path, content=c, executable=x) for path, c, x in rows])
