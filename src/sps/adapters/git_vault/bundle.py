"""A vault as one file of git's own, and a vault made from such a file."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

from sps.adapters.git_vault.git import Inner
from sps.ports.vault import CUT

_HEAD = 4096


def write(git: Inner, target: Path) -> bool:
    """Write every ref with all that it reaches; False, and no file, when there is none. Git's file
    does not say where a shallow history ends: that goes beside it."""
    if not git.text("for-each-ref", "--count=1"):
        return False
    with contextlib.suppress(FileNotFoundError):
        shutil.copyfile(git.gitdir / "shallow", target.with_suffix(CUT))
    git.run("bundle", "create", "--quiet", str(target), "--all")
    git.run("bundle", "verify", "--quiet", str(target))
    return True


def read(git: Inner, source: Path) -> None:
    """Bring every ref of a bundle in; git checks each object, up to where the history was cut."""
    with contextlib.suppress(FileNotFoundError):
        shutil.copyfile(source.with_suffix(CUT), git.gitdir / "shallow")
    git.run("fetch", "--quiet", "--no-tags", str(source), "+refs/*:refs/*")


def is_sha256(source: Path) -> bool:
    """Whether the objects of a bundle are named by SHA-256."""
    with source.open("rb") as file:
        return b"\n@object-format=sha256\n" in file.read(_HEAD)
