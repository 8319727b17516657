"""Reading and writing files of the workspace for an agent, and of nothing else."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from sps.lib.paths import inside

_MOST = 8 * 1024**2
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# NONBLOCK so that a pipe in the place of a file cannot hold us.
_FILE = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY


class Refused(Exception):
    """The file may not be read or written; the text says why."""


class Workfiles:
    """The files of one workspace. No link is followed while a file is opened."""

    def __init__(self, root: Path) -> None:
        self._root = Path(os.path.realpath(root))

    def read(self, path: str, line: int | None, limit: int | None) -> str:
        """Return the text from `line` (1 is the first) on, at most `limit` lines. Raises
        `Refused`, `OSError`."""
        folder, name = self._open_folder(path, make=False)
        try:
            handle = os.open(name, os.O_RDONLY | _FILE, dir_fd=folder)
        finally:
            os.close(folder)
        with os.fdopen(handle, "rb") as file:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise Refused("not a regular file")
            content = file.read(_MOST + 1)
        if len(content) > _MOST:
            raise Refused(f"larger than {_MOST} bytes")
        text = content.decode(errors="replace")
        if line is None and limit is None:
            return text
        lines = text.splitlines(keepends=True)
        first = max(0, (line or 1) - 1)
        return "".join(lines[first:] if limit is None else lines[first : first + max(0, limit)])

    def write(self, path: str, content: str) -> None:
        """Replace or make a file. Raises `Refused`, `OSError`."""
        data = content.encode(errors="replace")
        if len(data) > _MOST:
            raise Refused(f"larger than {_MOST} bytes")
        folder, name = self._open_folder(path, make=True)
        try:
            handle = os.open(name, os.O_WRONLY | os.O_CREAT | _FILE, 0o644, dir_fd=folder)
        finally:
            os.close(folder)
        with os.fdopen(handle, "wb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise Refused("not a regular file")
            os.ftruncate(handle, 0)
            file.write(data)

    def _open_folder(self, path: str, *, make: bool) -> tuple[int, str]:
        """Return a handle of the file's folder and the file's name, walking down part by part."""
        # The last part is not resolved: a link there is refused by the open, not followed.
        parent, name = os.path.split(path)
        folder = inside(self._root, parent)
        if folder is None or name in {"", ".", ".."} or "\0" in name:
            raise Refused("outside the workspace")
        handle = os.open(self._root, _FOLDER)
        try:
            for part in folder.relative_to(self._root).parts:
                if make:
                    self._make(part, handle)
                below = os.open(part, _FOLDER, dir_fd=handle)
                os.close(handle)
                handle = below
        except BaseException:
            os.close(handle)
            raise
        return handle, name

    def _make(self, part: str, parent: int) -> None:
        try:
            os.mkdir(part, 0o755, dir_fd=parent)
        except FileExistsError:
            return
