"""One connection inside a transaction."""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Mapping
from pathlib import Path

from sps.adapters.store_sqlite import failure
from sps.adapters.store_tables import Row, statements
from sps.model.errors import SpsError

_OWN = Path(__file__).parent / "queries.sql"


@functools.cache
def queries() -> Mapping[str, str]:
    """Return name -> statement."""
    return statements(_OWN)


class SqliteSession:
    """A `Session` on the file at `path`."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path
        self._queries = queries()

    def run(self, name: str, values: Row, /) -> sqlite3.Cursor:
        """Execute a named statement."""
        try:
            return self._connection.execute(self._queries[name], values)
        except UnicodeDecodeError as err:  # SQLite quotes damaged text in its message
            raise self.broken(f"{name}: a text is no text") from err
        except (UnicodeEncodeError, OverflowError) as err:
            raise failure.unstorable(str(err)) from err

    def refused(self, err: Exception) -> bool:
        """Say whether one of our triggers turned the row away."""
        return (
            isinstance(err, sqlite3.IntegrityError)
            and err.sqlite_errorcode == sqlite3.SQLITE_CONSTRAINT_TRIGGER
        )

    def broken(self, why: str) -> SpsError:
        """Return the error for a damaged row."""
        return failure.broken(self._path, why)
