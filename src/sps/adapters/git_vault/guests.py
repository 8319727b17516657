"""Guests of a workspace: folders that its agent may read and that are no part of its work."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from sps.lib import disk_tree
from sps.lib.disk_tree import DiskTree
from sps.lib.file_tree import Refused, Row
from sps.lib.open_folder import entered, opened
from sps.model.errors import WorkFailed
from sps.model.skills.tree import BOUNDS
from sps.ports.vault import Guest

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def receive(root: Path, guests: tuple[Guest, ...]) -> tuple[str, ...]:
    """Copy guests into a work tree and return the paths of those that found room: what the
    repository has at such a path stays, and a link on the way there is not followed."""
    return tuple(guest.path for guest in guests if _receive(root, guest))


def exclusions(paths: tuple[str, ...]) -> str:
    """Return lines for `info/exclude`."""
    return "".join(f"/{path}/\n" for path in paths)


def _receive(root: Path, guest: Guest) -> bool:
    parts = guest.path.split("/")
    with opened(root) as top:
        folder = os.dup(top)
    try:
        for part in parts[:-1]:
            below = entered(part, inside=folder)
            if below is None:
                return False
            os.close(folder)
            folder = below
        try:
            os.mkdir(parts[-1], 0o755, dir_fd=folder)
        except FileExistsError:
            return False
        with opened(parts[-1], inside=folder) as place:
            for path, content, executable in _files(Path(guest.source)):
                _write(place, path, content, executable=executable)
        return True
    finally:
        os.close(folder)


def _files(source: Path) -> list[Row]:
    """Return the regular files of a folder; links are passed over. Raises `WorkFailed`."""
    try:
        with DiskTree(source) as disk:
            return disk_tree.regular(disk, BOUNDS)[0]
    except (OSError, Refused) as err:
        says = f"{source} cannot be read: {err}"
        raise WorkFailed("skill-unreadable", says, hint="sps skill doctor") from err


def _write(place: int, path: str, content: bytes, *, executable: bool) -> None:
    for part in _prefixes(path.rpartition("/")[0]):
        with contextlib.suppress(FileExistsError):
            os.mkdir(part, 0o755, dir_fd=place)
    handle = os.open(path, _NEW, 0o755 if executable else 0o644, dir_fd=place)
    with os.fdopen(handle, "wb") as file:
        file.write(content)


def _prefixes(folder: str) -> list[str]:
    parts = folder.split("/") if folder else []
    return ["/".join(parts[: count + 1]) for count in range(len(parts))]
