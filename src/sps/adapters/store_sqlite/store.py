"""The store: one SQLite file, one transaction for each question or change."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from sps.adapters.store_sqlite import failure
from sps.adapters.store_sqlite.connections import Connections
from sps.adapters.store_sqlite.inspection import problems
from sps.adapters.store_sqlite.session import SqliteSession
from sps.adapters.store_tables import TableReading, TableWriting
from sps.lib import killpoint
from sps.lib.backoff import delay
from sps.model.errors import Absent
from sps.ports.store import Reading, Writing

T = TypeVar("T")

PATIENCE = 5.0  #: seconds


class SqliteStore:
    """A `Store` in the file at `path`, which must exist with the current schema.

    Any number of threads may use it. Writers of this process queue up; other processes are waited
    for, `patience` seconds at most. Transactions do not nest: that is a `RuntimeError`.
    """

    def __init__(self, path: Path, *, patience: float = PATIENCE) -> None:
        self._path = path
        self._patience = patience
        self._connections = Connections(path)
        self._turn = threading.Lock()
        self._current = threading.local()
        self._observers: list[Callable[[], None]] = []

    def read(self, question: Callable[[Reading], T]) -> T:
        """Answer from one consistent snapshot. Never writes."""

        def attempt(wait: float) -> T:
            with (
                self._connections.lend("read", wait=wait) as connection,
                self._transaction(connection, "BEGIN"),
            ):
                return question(TableReading(SqliteSession(connection, self._path)))

        with self._alone():
            return self._repeat(attempt, time.monotonic() + self._patience)

    def write(self, change: Callable[[Writing], T]) -> T:
        """Run in one transaction, repeated as a whole while the database is busy.

        Raises `Held("database-locked")`, `Absent` with `database-broken`, `database-replaced`,
        `database-unreachable` or `disk-full`; nothing is changed then.
        """

        def attempt(wait: float) -> T:
            with (
                self._connections.lend("write", wait=wait) as connection,
                self._transaction(connection, "BEGIN IMMEDIATE"),
            ):
                result = change(TableWriting(SqliteSession(connection, self._path)))
                killpoint.reach("store-before-commit")
                return result

        deadline = time.monotonic() + self._patience
        with self._alone():
            if not self._turn.acquire(timeout=self._patience):
                raise failure.locked(self._path)
            try:
                result = self._repeat(attempt, deadline)
            finally:
                self._turn.release()
        killpoint.reach("store-after-commit")
        for heard in self._observers:
            heard()
        return result

    def observe(self, heard: Callable[[], None]) -> None:
        """Call `heard`, in whatever thread it was, after each write of this process."""
        self._observers.append(heard)

    def check(self) -> list[str]:
        """Return what is wrong with the database file itself; empty when it is sound."""
        with self._alone():
            try:
                self._connections.verify()
                with self._connections.lend("read", wait=self._patience) as connection:
                    return problems(connection)
            except sqlite3.Error as err:
                return [str(failure.translated(err, self._path) or err)]
            except UnicodeDecodeError:
                return ["damaged: a text of the schema is no text"]
            except Absent as err:
                return [err.message]

    def close(self) -> None:
        """Let go of the file. Transactions that still run are finished first."""
        self._connections.close()

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Refuse a transaction inside another one: it would not see what that one wrote."""
        if getattr(self._current, "busy", False):
            raise RuntimeError("transactions of the store do not nest")
        self._current.busy = True
        try:
            yield
        finally:
            self._current.busy = False

    @contextlib.contextmanager
    def _transaction(self, connection: sqlite3.Connection, begin: str) -> Iterator[None]:
        self._connections.verify()
        connection.execute(begin)
        try:
            yield
            self._connections.verify()
            connection.execute("COMMIT")
        except BaseException:
            # A connection whose transaction cannot be ended is closed by its lender.
            with contextlib.suppress(sqlite3.Error):
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
            raise

    def _repeat(self, attempt: Callable[[float], T], deadline: float) -> T:
        """Attempt until it works or the time is over; each gets the seconds that it may wait."""
        failures = 0
        while True:
            try:
                return attempt(max(0.0, deadline - time.monotonic()))
            except sqlite3.Error as err:
                failures += 1
                pause = delay(failures, _fraction(), first=0.002, most=0.1)
                if not failure.is_busy(err) or time.monotonic() + pause >= deadline:
                    failure.give_up(err, self._path)
            time.sleep(pause)


def _fraction() -> float:
    """Return jitter in [0, 1): processes that were refused together come back apart."""
    return int.from_bytes(os.urandom(4), "big") / 2**32
