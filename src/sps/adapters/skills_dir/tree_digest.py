"""One hash for all that a skill brings with it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from sps.lib import plain_file
from sps.model.errors import Misuse

FILES_LIMIT = 2000
BYTES_LIMIT = 10 * 1024 * 1024
_DEPTH_LIMIT = 20


def of(folder: Path) -> str:
    """Return the sha-256 over path, mode (executable or not) and content of each regular file.

    Links are neither followed nor counted. Raises `Misuse("skill-too-large")`, `OSError`.
    """
    left = BYTES_LIMIT
    rows: list[tuple[bytes, str, str]] = []
    for path in _files(folder, "", 0):
        if len(rows) == FILES_LIMIT:
            raise _too_large(folder, f"more than {FILES_LIMIT} files")
        try:
            content, status = plain_file.read(folder / path, left)
        except plain_file.TooLarge as err:
            raise _too_large(folder, f"more than {BYTES_LIMIT} bytes") from err
        left -= len(content)
        mode = "755" if status.st_mode & 0o100 else "644"
        rows.append((os.fsencode(path), mode, sha256(content).hexdigest()))
    whole = sha256()
    for raw, mode, digest in sorted(rows):
        whole.update(f"{mode} {digest} {len(raw)}:".encode() + raw)
    return whole.hexdigest()


def _files(folder: Path, below: str, depth: int) -> Iterator[str]:
    if depth > _DEPTH_LIMIT:
        raise _too_large(folder, f"folders nested more than {_DEPTH_LIMIT} deep")
    with os.scandir(folder / below) as entries:
        for entry in entries:
            path = f"{below}/{entry.name}" if below else entry.name
            if entry.is_dir(follow_symlinks=False):
                yield from _files(folder, path, depth + 1)
            elif entry.is_file(follow_symlinks=False):
                yield path


def _too_large(folder: Path, why: str) -> Misuse:
    return Misuse("skill-too-large", f"the skill {folder.name} has {why}", where=str(folder))
