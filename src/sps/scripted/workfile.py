"""Writing one file inside the working folder and never outside it."""

from __future__ import annotations

import os

from sps.scripted.errors import StepFailedError


def resolve(cwd: str, path: str) -> str:
    """The canonical absolute path of `path` inside the canonical folder `cwd`.

    Raises StepFailedError for a path that is absolute, has `..` in it, is the folder itself, or
    leaves the folder through a symbolic link.
    """
    if os.path.isabs(path):
        raise StepFailedError(f"{path}: an absolute path is refused")
    if ".." in path.split("/"):
        raise StepFailedError(f"{path}: a path with '..' is refused")
    try:
        real = os.path.realpath(os.path.join(cwd, path))
    except ValueError as err:
        raise StepFailedError(f"{path!r}: {err}") from err
    if real == cwd or os.path.commonpath([cwd, real]) != cwd:
        raise StepFailedError(f"{path}: the path leaves the working folder")
    return real


def write(real: str, content: str) -> str:
    """Write the content as UTF-8 under a resolved path, creating parents, and say what happened."""
    try:
        data = content.encode("utf-8")
        os.makedirs(os.path.dirname(real), exist_ok=True)
        with open(real, "wb") as file:
            file.write(data)
    except (OSError, ValueError) as err:
        raise StepFailedError(f"could not write: {err}") from err
    return f"wrote {len(data)} bytes"
