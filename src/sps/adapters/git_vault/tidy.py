"""Keeping the vault quick: many small packs and loose files become few, nothing is dropped."""

from __future__ import annotations

import contextlib
import fcntl
import os

from sps.adapters.git_vault.git import Inner

_MOST_PACKS = 40
_MOST_LOOSE = 27  # in one of 256 folders that fill evenly: some 7000 in all


def tidy(git: Inner) -> bool:
    """Join packs when there are many; tell whether it was done. Unreachable objects are kept. A
    failure is no error: the next time tries again."""
    if not _crowded(git):
        return False
    handle = os.open(git.gitdir / "tidy.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return git.run("repack", "-d", "-q", "--geometric=2", ok=(), timeout=600.0).code == 0
    except BlockingIOError:
        return False
    finally:
        os.close(handle)


def _crowded(git: Inner) -> bool:
    objects = git.gitdir / "objects"
    with contextlib.suppress(FileNotFoundError):
        packs = sum(name.endswith(".pack") for name in os.listdir(objects / "pack"))
        if packs > _MOST_PACKS:
            return True
    with contextlib.suppress(FileNotFoundError):
        return len(os.listdir(objects / "17")) > _MOST_LOOSE
    return False
