"""What SQLite's errors mean to the user."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import NoReturn

from sps.model.errors import Absent, Held, Misuse, NewerData, SpsError, WorkFailed

_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_BROKEN = {
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_FORMAT,
    sqlite3.SQLITE_ERROR,  # the statements are ours: a missing table or column is a damaged schema
}
_UNREACHABLE = {
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_NOLFS,
}


def is_busy(err: sqlite3.Error) -> bool:
    """Say whether somebody else was in the way, so that repeating the whole may help."""
    return _primary(err) in _BUSY


def give_up(err: sqlite3.Error, path: Path) -> NoReturn:
    """Raise what the user should read instead of `err`."""
    found = translated(err, path)
    if found is None:
        raise err
    raise found from err


def translated(err: sqlite3.Error, path: Path) -> SpsError | None:
    """Return the error to raise instead; None for what only a mistake of ours can cause."""
    code = _primary(err)
    if code in _BUSY:
        return locked(path)
    if code in _BROKEN or "decode to UTF-8" in str(err):
        return broken(path, str(err))
    if code == sqlite3.SQLITE_FULL:
        return Absent(
            "disk-full",
            f"there is no room to write the database ({err}); what was saved before is intact",
            hint=f"df -h {path.parent}",
            where=str(path),
        )
    if code in _UNREACHABLE:
        return unreachable(path, str(err))
    if code == sqlite3.SQLITE_CONSTRAINT:
        return WorkFailed(
            "invariant-refused",
            f"the database refused a change that would break its rules: {err}",
            hint="sps verify",
            where=str(path),
        )
    if code == sqlite3.SQLITE_TOOBIG:
        return unstorable(str(err))
    return None


def locked(path: Path) -> Held:
    """The error for a database that somebody else did not let go of in time."""
    return Held(
        "database-locked",
        "another program holds the database and did not let go in time",
        hint=f"fuser -v {path}",
        where=str(path),
    )


def broken(path: Path, why: str) -> Absent:
    """The error for a damaged database. Nothing may touch the file after that."""
    return Absent(
        "database-broken",
        f"the database is damaged ({why}); it was left as it is",
        hint="sps restore",
        where=str(path),
    )


def unreachable(path: Path, why: str) -> Absent:
    """The error for a database file that the system does not let us use."""
    return Absent(
        "database-unreachable",
        f"the database cannot be read or written ({why})",
        hint="sps doctor",
        where=str(path),
    )


def replaced(path: Path) -> Absent:
    """The error for a file that is no longer the one that was opened."""
    return Absent(
        "database-replaced",
        "the database file was deleted or replaced while it was open; nothing more is written",
        hint="sps restore",
        where=str(path),
    )


def newer(path: Path, found: int, known: int) -> NewerData:
    """The error for a database of a newer program."""
    return NewerData(
        "newer-data",
        f"the database has schema {found}, this program knows {known}; it was left untouched",
        hint="install the version of sps that wrote it, or a newer one",
        where=str(path),
    )


def unstorable(why: str) -> Misuse:
    """The error for a value that no database column can hold."""
    return Misuse(
        "unstorable-value",
        f"a text or number cannot be stored ({why})",
        hint="remove the broken characters or the oversized number and repeat",
    )


def _primary(err: sqlite3.Error) -> int:
    """Return the primary result code, -1 when SQLite gave none."""
    code: int | None = getattr(err, "sqlite_errorcode", None)
    return -1 if code is None else code & 0xFF
