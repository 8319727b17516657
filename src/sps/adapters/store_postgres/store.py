"""The store: one PostgreSQL database, one transaction for each question or change."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import psycopg

from sps.adapters.store_postgres import commit, failure
from sps.adapters.store_postgres.address import Address
from sps.adapters.store_postgres.connections import Connections
from sps.adapters.store_postgres.inspection import problems
from sps.adapters.store_postgres.news import News
from sps.adapters.store_postgres.session import PostgresSession
from sps.adapters.store_tables import TableReading, TableWriting
from sps.lib import killpoint
from sps.lib.backoff import delay
from sps.model.errors import Absent
from sps.ports.store import Reading, Writing

T = TypeVar("T")

PATIENCE = 5.0  #: seconds for other writers
OUTAGE = 20.0  #: seconds for a server that was there and is gone
_READ = b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


class PostgresStore:
    """A `Store` in the tables at `address`, which must exist with the current schema.

    Any number of threads, processes and machines may use it: writers queue up, `patience` seconds
    at most; a server that restarts is waited for. Transactions do not nest: `RuntimeError`.
    """

    def __init__(self, address: Address, *, patience: float = PATIENCE) -> None:
        self.address = address
        self._patience = patience
        self._connections = Connections(address)
        self._turn = threading.Lock()
        self._current = threading.local()
        self._observers: list[Callable[[], None]] = []

    def read(self, question: Callable[[Reading], T]) -> T:
        """Answer from one consistent snapshot. Never writes."""

        def attempt(_: float) -> T:
            with self._connections.lend() as connection:
                connection.execute(_READ)
                with self._ended(connection):
                    result = question(TableReading(PostgresSession(connection, self.address)))
                    connection.execute(b"COMMIT")
                return result

        with self._alone():
            return self._repeat(attempt)

    def write(self, change: Callable[[Writing], T]) -> T:
        """Run in one serialisable transaction, repeated as a whole when another was in the way or
        the server went away. A commit whose answer was lost is asked for, not repeated.

        Raises `Held("database-locked")`, `Absent` with `database-broken`, `database-unreachable` or
        `disk-full`; nothing is changed then.
        """

        def attempt(wait: float) -> T:
            with self._connections.lend() as connection:
                commit.begin(connection, wait)
                with self._ended(connection):
                    session = PostgresSession(connection, self.address)
                    result = change(TableWriting(session))
                    killpoint.reach("store-before-commit")
                    commit.commit(connection, self.address, changed=session.changed)
                return result

        with self._alone():
            if not self._turn.acquire(timeout=self._patience):
                raise failure.locked(self.address)
            try:
                result = self._repeat(attempt)
            finally:
                self._turn.release()
        killpoint.reach("store-after-commit")
        self.tell()
        return result

    def observe(self, heard: Callable[[], None]) -> None:
        """Call `heard`, in whatever thread it was, after each write of this process, and of others
        while somebody listens for them."""
        self._observers.append(heard)

    @contextlib.contextmanager
    def listening(self, heard: Callable[[], object]) -> Iterator[None]:
        """While inside, call `heard` in a thread of its own, and the observers, after writes of
        other processes."""

        def told() -> None:
            self.tell()
            heard()

        news = News(self.address, told)
        news.start()
        try:
            yield
        finally:
            news.stop()

    def tell(self) -> None:
        """Say to the observers that something was written."""
        for heard in self._observers:
            heard()

    def check(self) -> list[str]:
        """Return what is wrong with the tables and their rules; empty when they are sound."""
        with self._alone():
            try:
                with self._connections.lend() as connection:
                    return problems(connection)
            except psycopg.Error as err:
                return [str(failure.translated(err, self.address) or err)]
            except Absent as err:
                return [err.message]

    def close(self) -> None:
        """Let go of the connections. Transactions that still run are finished first."""
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
    def _ended(self, connection: psycopg.Connection) -> Iterator[None]:
        """Leave no transaction open behind an error."""
        try:
            yield
        except BaseException:
            with contextlib.suppress(psycopg.Error):
                connection.execute(b"ROLLBACK")
            raise

    def _repeat(self, attempt: Callable[[float], T]) -> T:
        """Attempt until it works or the time is over; each gets the seconds that it may wait."""
        began = time.monotonic()
        failures = 0
        while True:
            try:
                return attempt(max(0.001, self._patience - (time.monotonic() - began)))
            except psycopg.Error as err:
                failures += 1
                away = failure.is_away(err)
                pause = delay(failures, _fraction(), first=0.005, most=1.0 if away else 0.1)
                left = began + (OUTAGE if away else self._patience) - time.monotonic()
                if not (away or failure.is_busy(err)) or pause >= left:
                    failure.give_up(err, self.address)
            time.sleep(pause)


def _fraction() -> float:
    """Return jitter in [0, 1): processes that were refused together come back apart."""
    return int.from_bytes(os.urandom(4), "big") / 2**32
