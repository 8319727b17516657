"""Finding, making and upgrading the database file, before anything is read from it."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

from sps.adapters.store_sqlite import failure
from sps.adapters.store_sqlite.migration import (
    APPLICATION_ID,
    fresh,
    migrate,
    migrations,
    schema_version,
)
from sps.adapters.store_sqlite.store import PATIENCE, SqliteStore
from sps.lib import atomic
from sps.model.errors import Absent

_OLDEST_SQLITE = (3, 37, 0)  # STRICT tables
# The header's format versions for a file with a write-ahead log, so that it has one from birth.
_LOG_FORMAT = b"\x02\x02"


Alone = Callable[[], contextlib.AbstractContextManager[object]]


def open_store(
    path: Path,
    *,
    create: bool,
    patience: float = PATIENCE,
    alone: Alone = contextlib.nullcontext,
) -> SqliteStore:
    """Open the database at `path`; with `create` a missing one is made, mode 0600.

    An older schema is upgraded within `alone`, after a checked copy to `path` + `.before-N`.
    `patience` is how many
    seconds a transaction may wait for other programs. Raises `Absent("no-home")` when the file is
    missing, `Absent("database-broken")` when it is damaged (never an empty board instead),
    `NewerData("newer-data")` when a newer program wrote it; the file is then left untouched.
    """
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise Absent(
            "sqlite-too-old",
            f"this Python has SQLite {sqlite3.sqlite_version}, needed is 3.37 or newer",
            hint="install a newer Python",
        )
    path = path.absolute()
    if not _exists(path):
        if not create:
            raise Absent(
                "no-home", f"there is no database at {path}", hint="sps setup", where=str(path)
            )
        _create(path)
    steps = migrations()
    found = _inspect(path, patience)
    if found > steps[-1].number:
        raise failure.newer(path, found, steps[-1].number)
    if found < steps[-1].number:
        with alone():
            migrate(path, steps, patience)
    return SqliteStore(path, patience=patience)


def _exists(path: Path) -> bool:
    try:
        mode = os.stat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as err:
        raise failure.unreachable(path, str(err)) from err
    if not stat.S_ISREG(mode):
        raise failure.broken(path, "it is not a regular file")
    return True


def _create(path: Path) -> None:
    """Put a complete database in place in one step: a crash leaves none, never an empty file."""
    if _log_size(path):
        raise failure.broken(path, f"only its log {path.name}-wal is left")
    memory = fresh(migrations())
    try:
        content = bytearray(memory.serialize())
    finally:
        memory.close()
    content[18:20] = _LOG_FORMAT
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):  # somebody else made it just now
            atomic.create(path, bytes(content))
    except OSError as err:
        raise failure.unreachable(path, str(err)) from err


def _inspect(path: Path, patience: float) -> int:
    """Return the schema's number without changing anything, and make sure that the file is ours.

    Through SQLite, because closing a file handle of our own would drop the locks that other
    connections of this process hold. Without a log the file alone is looked at, so that nothing
    is made beside it.
    """
    options = "mode=ro" if _log_size(path) else "mode=ro&immutable=1"
    uri = f"{path.as_uri()}?{options}"
    try:
        connection = sqlite3.connect(uri, uri=True, timeout=patience, isolation_level=None)
        try:
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            version = schema_version(connection)
            (mark,) = connection.execute("PRAGMA application_id").fetchone()
        finally:
            connection.close()
    except sqlite3.Error as err:
        failure.give_up(err, path)
    except UnicodeDecodeError as err:  # SQLite quotes the damaged schema in its message
        raise failure.broken(path, "its schema is no text") from err
    if mark != APPLICATION_ID or version < 1:
        raise failure.broken(path, "it is no database of SPS")
    return version


def _log_size(path: Path) -> int:
    try:
        return os.stat(f"{path}-wal").st_size
    except OSError:
        return 0
