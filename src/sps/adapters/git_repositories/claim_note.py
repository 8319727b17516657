"""The note in a repository that says which home and project works on it."""

from __future__ import annotations

import contextlib
from pathlib import Path

from sps.lib import atomic, plain_file
from sps.model.errors import Misuse, WorkFailed
from sps.ports.vault import PLACE

NAME = "sps-claim"
_LIMIT = 4096


def read(folder: Path) -> str | None:
    """Return the owner, None without a note. A note that cannot be read is somebody's."""
    try:
        content, _ = plain_file.read(folder / NAME, _LIMIT)
    except FileNotFoundError:
        return None
    except (plain_file.NotPlain, plain_file.TooLarge, OSError):
        return f"an unreadable note ({folder / NAME})"
    return content.decode(errors="replace").strip() or f"an empty note ({folder / NAME})"


def write(folder: Path, owner: str) -> None:
    """Leave the note, unless it is there already. Raises `Misuse("repository-claimed")`."""
    try:
        atomic.create(folder / NAME, f"{owner}\n".encode())
    except FileExistsError as err:
        other = read(folder)
        if other is not None and _who(other) == _who(owner):
            return
        says = f"this repository is registered already, by {other}"
        hint = "repeat with --force if that project is gone"
        raise Misuse("repository-claimed", says, hint=hint, where=str(folder / NAME)) from err
    except OSError as err:
        says = f"{folder} cannot be written: {err.strerror}"
        raise WorkFailed("repository-unwritable", says, where=str(folder)) from err


def _who(owner: str) -> str:
    """Return the owner without the place of its home, which may have moved."""
    return owner.partition(PLACE)[0]


def remove(folder: Path, owner: str) -> None:
    """Take the note away if it is this owner's."""
    found = read(folder)
    if found is not None and _who(found) == _who(owner):
        with contextlib.suppress(FileNotFoundError):
            (folder / NAME).unlink()
