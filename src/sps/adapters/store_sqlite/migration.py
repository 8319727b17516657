"""The schema, as numbered files that are applied in order and never changed once released."""

from __future__ import annotations

import functools
import os
import re
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from sps.adapters.store_sqlite import failure
from sps.adapters.store_sqlite.copying import copy
from sps.model.errors import Absent

APPLICATION_ID = 0x53505331  #: marks a file as a database of SPS
_FOLDER = Path(__file__).parent / "migrations"
_FILE_NAME = re.compile(r"(\d{4})_\w+\.sql")


class Migration(NamedTuple):
    """One step of the schema; its number becomes the file's `user_version`."""

    number: int
    script: str


@functools.cache
def migrations() -> tuple[Migration, ...]:
    """Return all migrations in order; the last number is the schema this program knows."""
    return tuple(
        Migration(int(match[1]), path.read_text(encoding="utf-8"))
        for path in sorted(_FOLDER.iterdir())
        if (match := _FILE_NAME.fullmatch(path.name))
    )


def fresh(steps: Sequence[Migration]) -> sqlite3.Connection:
    """Return an empty database with the whole schema, in memory; the caller closes it."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("BEGIN")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    _apply(connection, steps)
    connection.execute("COMMIT")
    return connection


def migrate(path: Path, steps: Sequence[Migration], patience: float) -> None:
    """Bring the database up to the last step, in one transaction and after a copy of it to
    `path` + `.before-N`. Two programs that do so at once wait for each other.

    Raises `Held("database-locked")`, `Absent("database-broken")`.
    """
    connection = _connect(path, patience)
    try:
        connection.execute("PRAGMA foreign_keys = OFF")  # a step may have to rebuild a table
        connection.execute("BEGIN IMMEDIATE")
        version = schema_version(connection)
        if version < steps[-1].number:
            _keep(path, version, patience)
            _apply(connection, [step for step in steps if step.number > version])
            if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
                raise failure.broken(path, "a row points to one that does not exist")
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as err:
        failure.give_up(err, path)
    finally:
        connection.close()


def schema_version(connection: sqlite3.Connection) -> int:
    """Return the number of the last migration that was applied."""
    row: tuple[int] = connection.execute("PRAGMA user_version").fetchone()
    return row[0]


def _apply(connection: sqlite3.Connection, steps: Sequence[Migration]) -> None:
    for step in steps:
        for statement in _statements(step.script):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {step.number}")


def _statements(script: str) -> Iterator[str]:
    """Split a script; `executescript` would commit the transaction that we are in."""
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""


def _keep(path: Path, version: int, patience: float) -> None:
    """Copy the database as it is now. An older copy of the same schema is replaced."""
    target = path.with_name(f"{path.name}.before-{version}")
    temporary = path.with_name(f"{target.name}.{os.getpid()}.tmp")
    try:
        copy(path, temporary, patience)
        os.replace(temporary, target)
        _sync_folder(path.parent)
    except OSError as err:
        raise Absent(
            "backup-failed",
            f"the database was not upgraded, because a copy of it could not be made: {err}",
            hint="sps doctor",
            where=str(target),
        ) from err
    finally:
        temporary.unlink(missing_ok=True)


def _connect(path: Path, patience: float) -> sqlite3.Connection:
    uri = f"{path.as_uri()}?mode=rw"
    connection = sqlite3.connect(uri, uri=True, timeout=patience, isolation_level=None)
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
