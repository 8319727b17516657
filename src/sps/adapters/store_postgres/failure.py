"""What PostgreSQL's errors mean to the user."""

from __future__ import annotations

from typing import NoReturn

import psycopg
from psycopg import errors

from sps.adapters.store_postgres.address import Address
from sps.model.errors import Absent, Held, Misuse, NewerData, SpsError, WorkFailed

_BUSY = (errors.SerializationFailure, errors.DeadlockDetected, errors.LockNotAvailable)
_SLOW = (*_BUSY, errors.QueryCanceled)
_GONE = (
    errors.AdminShutdown,
    errors.CrashShutdown,
    errors.CannotConnectNow,
    errors.IdleInTransactionSessionTimeout,
    errors.TooManyConnections,
)
_BROKEN = (
    errors.UndefinedTable,
    errors.UndefinedColumn,
    errors.UndefinedFunction,
    errors.DataCorrupted,
    errors.IndexCorrupted,
)


def is_busy(err: psycopg.Error) -> bool:
    """Say whether somebody else was in the way, so that repeating the whole may help."""
    return isinstance(err, _BUSY)


def is_away(err: psycopg.Error) -> bool:
    """Say whether the server, or the way to it, is gone for now."""
    if isinstance(err, _GONE) or (err.sqlstate or "").startswith("08"):
        return True
    return isinstance(err, psycopg.OperationalError) and err.sqlstate is None


def give_up(err: psycopg.Error, address: Address) -> NoReturn:
    """Raise what the user should read instead of `err`. The chain ends here: the driver's own words
    may hold what must not be read."""
    found = translated(err, address)
    if found is None:
        raise err
    raise found from None


def translated(err: psycopg.Error, address: Address) -> SpsError | None:
    """Return the error to raise instead; None for what only a mistake of ours can cause."""
    said = address.clean(" ".join(str(err).split()))
    if is_away(err):
        return unreachable(address, said)
    if isinstance(err, _SLOW):
        return locked(address)
    if isinstance(err, errors.DiskFull):
        why = f"the database has no room to write ({said}); what was saved before is intact"
        return Absent("disk-full", why, hint="make room where the server is", where=address.shown)
    if isinstance(err, _BROKEN):
        return broken(address, said)
    if isinstance(err, psycopg.IntegrityError):
        return WorkFailed(
            "invariant-refused",
            f"the database refused a change that would break its rules: {said}",
            hint="sps verify",
            where=address.shown,
        )
    if isinstance(err, psycopg.DataError):
        return unstorable(said)
    if isinstance(err, errors.InsufficientPrivilege | errors.ReadOnlySqlTransaction):
        return unreachable(address, said)
    return None


def locked(address: Address) -> Held:
    """The error for a database that somebody else did not let go of in time."""
    return Held(
        "database-locked",
        "another program writes to the database and did not let go in time",
        hint="sps doctor",
        where=address.shown,
    )


def broken(address: Address, why: str) -> Absent:
    """The error for tables that are not as we made them."""
    return Absent(
        "database-broken",
        f"the tables are damaged ({why}); they were left as they are",
        hint="restore the database from its backup",
        where=address.shown,
    )


def unreachable(address: Address, why: str) -> Absent:
    """The error for a server that does not let us work."""
    return Absent(
        "database-unreachable",
        f"the database cannot be used ({why})",
        hint="sps doctor",
        where=address.shown,
    )


def newer(address: Address, found: int, known: int) -> NewerData:
    """The error for tables of a newer program."""
    return NewerData(
        "newer-data",
        f"the database has schema {found}, this program knows {known}; it was left untouched",
        hint="install the version of sps that wrote it, or a newer one",
        where=address.shown,
    )


def unstorable(why: str) -> Misuse:
    """The error for a value that no column can hold."""
    return Misuse(
        "unstorable-value",
        f"a text or number cannot be stored ({why})",
        hint="remove the broken characters or the oversized number and repeat",
    )
