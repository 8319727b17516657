"""The trash: whatever is taken away lies here under its time and name, with the reason."""

from __future__ import annotations

import contextlib
import os
import re
from datetime import UTC, datetime
from pathlib import Path

from sps.lib import disk_tree, plain_file
from sps.ports.skill_store import Discarded

WHY = "why.txt"
_ODD = re.compile(r"[^A-Za-z0-9_-]+")
_TRIES = 1000
_STAMP = "%Y%m%dT%H%M%S.%fZ"
_WHY_LIMIT = 1 << 16


def throw(folder: Path, trash: Path, *, name: str, why: str, now: int) -> Path:
    """Move a folder to `<trash>/<time>-<name>/<name>`; return where it lies then.

    `now` is in milliseconds. Raises `OSError`; the folder is then where it was.
    """
    safe = _ODD.sub("-", name).strip("-")[:64] or "skill"
    bag = _bag(trash, f"{_stamp(now)}-{safe}")
    place = bag / safe
    try:
        (bag / WHY).write_text(f"{why}\n\nIt was: {folder}\n", "utf-8", "backslashreplace")
        disk_tree.move(folder, place)
    except BaseException:
        with contextlib.suppress(OSError):
            disk_tree.remove(bag)
        raise
    if not place.is_symlink() and place.is_dir():
        disk_tree.open_up(place)
    return place


def contents(trash: Path) -> list[Discarded]:
    """Return what lies in the trash, the newest first. Anything else there is passed over."""
    try:
        names = os.listdir(trash)
    except (FileNotFoundError, NotADirectoryError):
        return []
    found = (_discarded(trash / name, name) for name in names)
    known = [one for one in found if one is not None]
    return sorted(known, key=lambda one: (one.at, one.id), reverse=True)


def _discarded(bag: Path, name: str) -> Discarded | None:
    stamp, _, _ = name.partition("-")
    try:
        at = datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
        content, _ = plain_file.read(bag / WHY, _WHY_LIMIT)
        folder = next(one for one in sorted(os.listdir(bag)) if one != WHY)
    except (ValueError, OSError, StopIteration, plain_file.NotPlain, plain_file.TooLarge):
        return None
    why = content.decode("utf-8", "replace").partition("\n")[0]
    milliseconds = int(at.timestamp()) * 1000 + int(at.microsecond / 1000)
    return Discarded(id=name, name=folder, folder=str(bag / folder), why=why, at=milliseconds)


def _bag(trash: Path, name: str) -> Path:
    trash.mkdir(mode=0o700, parents=True, exist_ok=True)
    for count in range(1, _TRIES):
        bag = trash / (name if count == 1 else f"{name}-{count}")
        with contextlib.suppress(FileExistsError):
            bag.mkdir(mode=0o700)
            return bag
    raise FileExistsError(name)


def _stamp(now: int) -> str:
    moment = datetime.fromtimestamp(now // 1000, tz=UTC)
    return moment.replace(microsecond=now % 1000 * 1000).strftime(_STAMP)
