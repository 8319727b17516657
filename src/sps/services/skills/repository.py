"""The repository in which skills are managed: its lock, its skill folders, what Git ignores of it.

Any folder will do. Nothing outside of it is ever written, whatever links the repository brings.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from sps.lib import atomic, lock, paths, plain_file
from sps.model.errors import Held, Misuse
from sps.model.skills import lock_text
from sps.model.skills.lock import LOCK_FILE, SkillsLock

_WAIT_S = 20.0


class Repository:
    """A folder with skills. A dry one is only looked at: what would change it does nothing."""

    def __init__(self, root: Path, *, dry: bool = False) -> None:
        self.root = root
        self.dry = dry

    @property
    def lock_path(self) -> Path:
        return self.root / LOCK_FILE

    def lock(self) -> SkillsLock:
        """Return the lock, an empty one when there is none. Raises `Misuse("broken-lock")`."""
        try:
            content, _ = plain_file.read(self.lock_path, lock_text.LOCK_LIMIT)
        except FileNotFoundError:
            return SkillsLock()
        except (plain_file.NotPlain, plain_file.TooLarge) as err:
            says = f"{LOCK_FILE} cannot be read: it is {err}"
            raise Misuse("broken-lock", says, where=str(self.lock_path)) from err
        return lock_text.parse(content)

    def write(self, wanted: SkillsLock) -> None:
        """Replace the lock, unless it says the same already."""
        content = lock_text.render(wanted)
        if self.dry or (self.lock_path.exists() and self.lock_path.read_bytes() == content):
            return
        if not wanted.skills and not self.lock_path.exists():
            return
        atomic.write(self.lock_path, content, mode=0o644)

    def folder(self, relative: str) -> Path:
        """Return a folder of the repository. Raises `Misuse("folder-leaves")` when a link on the
        way to it leads out."""
        path = self.root / relative
        if paths.inside(self.root, relative) is None:
            says = f"{relative} leads out of the repository, so nothing is put there"
            raise Misuse("folder-leaves", says, where=str(path))
        return path

    def made_folder(self, relative: str) -> Path:
        """Return a folder of the repository, which is there now."""
        path = self.folder(relative)
        if not self.dry:
            path.mkdir(parents=True, exist_ok=True)
        return path

    def same_folder(self, one: str, other: str) -> bool:
        """Whether two names lead to the same folder."""
        return os.path.realpath(self.root / one) == os.path.realpath(self.root / other)

    def unlink(self, place: Path) -> None:
        """Take a link away; whatever it leads to stays."""
        if not self.dry and place.is_symlink():
            place.unlink()

    @contextlib.contextmanager
    def held(self, home: Path) -> Iterator[None]:
        """Keep other processes from changing this repository's skills meanwhile.

        Raises `Held("skills-held")` after some seconds.
        """
        if self.dry:
            yield
            return
        name = hashlib.sha256(os.fsencode(os.path.realpath(self.root))).hexdigest()[:24]
        folder = home / "skill-locks"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            with lock.held(folder / name, seconds=_WAIT_S):
                yield
        except TimeoutError as err:
            says = f"another process changes the skills of {self.root}"
            raise Held("skills-held", says, hint="try again") from err


def repository_at(start: Path, *, dry: bool = False) -> Repository:
    """Return the repository that a folder belongs to: the nearest one above with `.git` or with a
    lock, else the folder itself."""
    for folder in (start, *start.parents):
        if os.path.lexists(folder / ".git") or (folder / LOCK_FILE).is_file():
            return Repository(folder, dry=dry)
    return Repository(start, dry=dry)
