"""The open connections to one database file."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

from sps.adapters.store_sqlite import failure

_IDLE_LIMIT = 8
_SETTINGS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA recursive_triggers = ON",
    "PRAGMA cell_size_check = ON",
    "PRAGMA journal_size_limit = 67108864",
)


class Connections:
    """Lends each transaction a connection of its own and keeps idle ones for the next.

    Threads come and go in a server; a connection that is lent outlives them without leaking.
    """

    def __init__(self, path: Path) -> None:
        """Remember which file `path` is now; a different one later is refused."""
        self.path = path
        self._identity = self._look()
        self._lock = threading.Lock()
        self._idle: dict[str, list[sqlite3.Connection]] = {"read": [], "write": []}
        self._closed = False

    def verify(self) -> None:
        """Raise `Absent("database-replaced")` when the path no longer leads to our file."""
        if self._look() != self._identity:
            raise failure.replaced(self.path)

    @contextlib.contextmanager
    def lend(self, purpose: str, *, wait: float) -> Iterator[sqlite3.Connection]:
        """Lend a connection for "read" (it cannot write) or "write"; it waits `wait` seconds for
        a lock. A connection that failed is not used again."""
        connection = self._take(purpose) or self._open(purpose, wait)
        try:
            connection.execute(f"PRAGMA busy_timeout = {max(1, int(wait * 1000))}")
            yield connection
        except sqlite3.Error:
            connection.close()
            raise
        except BaseException:
            self._give(purpose, connection)
            raise
        self._give(purpose, connection)

    def close(self) -> None:
        """Close the idle connections; lent ones are closed when they come back."""
        with self._lock:
            self._closed = True
            idle = [connection for kept in self._idle.values() for connection in kept]
            self._idle = {"read": [], "write": []}
        for connection in idle:
            connection.close()

    def _take(self, purpose: str) -> sqlite3.Connection | None:
        with self._lock:
            if self._closed:
                raise RuntimeError("the store is closed")
            return self._idle[purpose].pop() if self._idle[purpose] else None

    def _give(self, purpose: str, connection: sqlite3.Connection) -> None:
        with self._lock:
            idle = self._idle[purpose]
            if not (self._closed or connection.in_transaction or len(idle) >= _IDLE_LIMIT):
                idle.append(connection)
                return
        connection.close()

    def _open(self, purpose: str, wait: float) -> sqlite3.Connection:
        self.verify()
        connection = sqlite3.connect(
            f"{self.path.as_uri()}?mode=rw",
            uri=True,
            timeout=wait,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
        )
        try:
            for setting in _SETTINGS:
                connection.execute(setting)
            if connection.execute("PRAGMA foreign_keys").fetchone() != (1,):
                raise failure.unreachable(self.path, "this SQLite was built without foreign keys")
            if purpose == "read":
                connection.execute("PRAGMA query_only = ON")
        except BaseException:
            connection.close()
            raise
        return connection

    def _look(self) -> tuple[int, int]:
        try:
            found = os.stat(self.path)
        except OSError as err:
            raise failure.replaced(self.path) from err
        return found.st_dev, found.st_ino
