"""The database as a file of its own: taken while others work, checked, put back."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from sps.adapters.store_sqlite import failure
from sps.adapters.store_sqlite.copying import backup, copy
from sps.adapters.store_sqlite.migration import (
    APPLICATION_ID,
    migrations,
    schema_version,
)

_MAGIC = b"SQLite format 3\0"
_PATIENCE = 5.0


class SqliteSnapshots:
    """Implements `sps.ports.snapshot.Snapshots` for the database at a path."""

    name = "sps.db"

    def __init__(self, path: Path) -> None:
        self._path = path

    def there(self) -> bool:
        return self._path.exists()

    def take(self, target: Path) -> int:
        try:
            copy(self._path, target, _PATIENCE)
        except sqlite3.Error as err:
            failure.give_up(err, self._path)
        return self.check(target)

    def check(self, file: Path) -> int:
        try:
            with sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True) as connection:
                faults = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
                (mark,) = connection.execute("PRAGMA application_id").fetchone()
                version = schema_version(connection)
            connection.close()
        except sqlite3.Error as err:
            failure.give_up(err, file)
        if faults != "ok" or mark != APPLICATION_ID or version < 1:
            raise failure.broken(file, "it is no whole database of SPS")
        if version > migrations()[-1].number:
            raise failure.newer(file, version, migrations()[-1].number)
        return version

    def put_back(self, file: Path) -> None:
        self.check(file)
        if not self._path.exists():
            os.close(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
        _overwrite(file, self._path)

    def is_one(self, file: Path) -> bool:
        with file.open("rb") as opened:
            return opened.read(len(_MAGIC)) == _MAGIC


def _overwrite(file: Path, path: Path) -> None:
    """Replace the content of a database in one transaction: a crash leaves the old one."""
    try:
        backup(file, path, _PATIENCE, live=path)
    except sqlite3.Error as err:
        failure.give_up(err, path)
