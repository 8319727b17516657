"""One connection inside a transaction."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
from psycopg import errors

from sps.adapters.store_postgres import failure
from sps.adapters.store_postgres.address import Address
from sps.adapters.store_tables import Row, statements
from sps.model.errors import SpsError

_OWN = Path(__file__).parent / "queries.sql"
_VALUE = re.compile(r"(?<![:\w]):(\w+)")


@functools.cache
def queries() -> Mapping[str, bytes]:
    """Return name -> statement, with its values named as the driver wants them."""
    return {
        name: _VALUE.sub(r"%(\1)s", text.replace("%", "%%")).encode()
        for name, text in statements(_OWN).items()
    }


class PostgresSession:
    """A `Session` on a connection."""

    def __init__(self, connection: psycopg.Connection, address: Address) -> None:
        self._connection = connection
        self._address = address
        self._queries = queries()
        self.changed = False  #: whether a row was written

    def run(self, name: str, values: Row, /) -> psycopg.Cursor[tuple[Any, ...]]:
        """Execute a named statement."""
        try:
            cursor = self._connection.execute(self._queries[name], values)
        except UnicodeEncodeError as err:
            raise failure.unstorable(str(err)) from err
        if cursor.rowcount and not (cursor.statusmessage or "").startswith("SELECT"):
            self.changed = True
        return cursor

    def refused(self, err: Exception) -> bool:
        """Say whether a rule against a second of something turned the row away."""
        return isinstance(err, errors.UniqueViolation)

    def broken(self, why: str) -> SpsError:
        """Return the error for a damaged row."""
        return failure.broken(self._address, why)
