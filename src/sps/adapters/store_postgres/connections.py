"""The open connections to one database."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

import psycopg
from psycopg.pq import TransactionStatus

from sps.adapters.store_postgres.address import Address

_IDLE_LIMIT = 8


class Connections:
    """Lends each transaction a connection of its own and keeps idle ones for the next."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._lock = threading.Lock()
        self._idle: list[psycopg.Connection] = []
        self._closed = False

    @contextlib.contextmanager
    def lend(self) -> Iterator[psycopg.Connection]:
        """Lend a connection. One that failed, or is left in a transaction, is not used again; after
        a failure the idle ones are looked at with the same doubt."""
        connection = self._take() or self.address.connect()
        try:
            yield connection
        except psycopg.OperationalError:
            connection.close()
            self._drop_idle()
            raise
        finally:
            self._give(connection)

    def close(self) -> None:
        """Close the idle connections; lent ones are closed when they come back."""
        with self._lock:
            self._closed = True
        self._drop_idle()

    def _drop_idle(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _take(self) -> psycopg.Connection | None:
        with self._lock:
            if self._closed:
                raise RuntimeError("the store is closed")
            return self._idle.pop() if self._idle else None

    def _give(self, connection: psycopg.Connection) -> None:
        usable = (
            not connection.closed and connection.info.transaction_status is TransactionStatus.IDLE
        )
        with self._lock:
            if usable and not self._closed and len(self._idle) < _IDLE_LIMIT:
                self._idle.append(connection)
                return
        connection.close()
