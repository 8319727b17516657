"""Takes an agent's login out of the files that it leaves behind."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable, Iterator

from sps.adapters.agent_acp.hush import INSTEAD

_LARGEST = 32 * 1024**2  # bytes of a file that is looked into
_GIT = ".git"  # objects there are compressed: what was committed is refused when it would land


def scrub(folders: Iterable[str], secrets: frozenset[str], since: float) -> int:
    """Replace every value in the plain files that were changed since then (seconds since 1970);
    links are not followed. Returns how many files held one. Nobody may write there meanwhile."""
    values = [value.encode() for value in sorted(secrets, key=len, reverse=True)]
    if not values:
        return 0
    return sum(
        _clean(name, handle, values)
        for folder in folders
        for name, handle in _changed(folder, since)
    )


def _changed(folder: str, since: float) -> Iterator[tuple[str, int]]:
    """Yield (name, handle of its folder). No agent sets a change time. Folders that it closed are
    opened again: what lies in them is kept too, and its owner can read it."""
    _open_up(folder, None)
    for place, names, files, handle in os.fwalk(folder, follow_symlinks=False):
        if place == folder and _GIT in names:
            names.remove(_GIT)
        for name in names:
            _open_up(name, handle)
        for name in files:
            with contextlib.suppress(OSError):
                found = os.stat(name, dir_fd=handle, follow_symlinks=False)
                plain = stat.S_ISREG(found.st_mode) and found.st_size <= _LARGEST
                if plain and found.st_ctime >= since:
                    yield name, handle


def _open_up(name: str, folder: int | None) -> None:
    """Let the walk into a folder of ours that has no permissions; of others' it cannot."""
    with contextlib.suppress(OSError):
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_IRWXU != stat.S_IRWXU:
            os.chmod(name, stat.S_IMODE(found.st_mode) | stat.S_IRWXU, dir_fd=folder)


def _clean(name: str, folder: int, values: list[bytes]) -> bool:
    flags = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
        if not mode & stat.S_IWUSR or not mode & stat.S_IRUSR:
            os.chmod(name, stat.S_IMODE(mode) | 0o600, dir_fd=folder)
        handle = os.open(name, flags, dir_fd=folder)
    except OSError:
        return False
    with open(handle, "r+b") as file:
        text = after = file.read(_LARGEST)
        for value in values:
            after = after.replace(value, INSTEAD.encode())
        if after == text:
            return False
        file.seek(0)
        file.write(after)
        file.truncate()
        return True
