"""Copies of a database, made by SQLite while others work, and looked at before they count."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

from sps.adapters.store_sqlite import failure

_PAUSE = 0.05  # seconds between two attempts at a locked database


def copy(source: Path, target: Path, patience: float) -> None:
    """Copy a database as it is now, through SQLite's own backup. Raises `sqlite3.Error`, `OSError`,
    `Absent("database-broken")`: a copy that is not whole is not left behind."""
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600))
    try:
        backup(source, target, patience, live=source)
        _make_durable(target)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def backup(source: Path, target: Path, patience: float, *, live: Path) -> None:
    """Let `target`, a database or an empty file, hold what `source` holds, in one transaction.
    Raises `Held("database-locked")` when somebody else has `live`, that of the two which others
    use, for longer than `patience` (seconds)."""
    old = sqlite3.connect(f"{source.as_uri()}?mode=rw", uri=True, timeout=patience)
    new = sqlite3.connect(f"{target.absolute().as_uri()}?mode=rw", uri=True, timeout=patience)
    try:
        old.backup(new, progress=_waiting(live, patience), sleep=_PAUSE)
        found = new.execute("PRAGMA quick_check(1)").fetchone()[0]
    finally:
        new.close()
        old.close()
    if found != "ok":
        raise failure.broken(source, f"a copy of it is not whole: {found}")


def _waiting(live: Path, patience: float) -> Callable[..., None]:
    """Return what is called after each step: SQLite itself would wait for ever."""
    end = time.monotonic() + patience

    def after(status: int, *_: int) -> None:
        nonlocal end
        if status not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            end = time.monotonic() + patience
        elif time.monotonic() >= end:
            raise failure.locked(live)

    return after


def _make_durable(target: Path) -> None:
    handle = os.open(target, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
