"""A write transaction's beginning and its end, also when the answer to the end is lost."""

from __future__ import annotations

import os
import time

import psycopg

from sps.adapters.store_postgres import failure
from sps.adapters.store_postgres.address import Address

CHANNEL = "sps_news"
#: Tells the notices of this process from those of others.
SENDER = os.urandom(8).hex()
_PATIENCE_S = 20.0
_AGAIN_S = 0.2


def begin(connection: psycopg.Connection, wait: float) -> str:
    """Begin, wait for the turn to write at most `wait` seconds, and return the transaction's name.

    The lock comes before the first question, so that the snapshot is the newest: writers queue up
    instead of refusing each other. All of it is one message to the server.
    """
    cursor = connection.execute(
        f"BEGIN ISOLATION LEVEL SERIALIZABLE; SET LOCAL lock_timeout = {max(1, int(wait * 1000))}; "
        "LOCK TABLE turn IN EXCLUSIVE MODE; SELECT CAST(pg_current_xact_id() AS TEXT)".encode()
    )
    while cursor.nextset():
        pass
    row = cursor.fetchone()
    return str(row[0]) if row else ""


def commit(
    connection: psycopg.Connection, transaction: str, address: Address, *, news: bool
) -> None:
    """Commit, and with `news` let the other processes know. When the answer is lost the server is
    asked what became of the transaction: return when it was committed, raise when it was not."""
    notify = f"NOTIFY {CHANNEL}, '{SENDER}'; " if news else ""
    try:
        connection.execute(f"{notify}COMMIT".encode())
    except psycopg.Error as err:
        if not failure.is_away(err) or not _committed(transaction, address):
            raise


def _committed(transaction: str, address: Address) -> bool:
    """Ask what became of a transaction. Raises `psycopg.Error` when nobody answers in time."""
    end = time.monotonic() + _PATIENCE_S
    while True:
        try:
            with address.connect() as connection:
                row = connection.execute(
                    "SELECT pg_xact_status(CAST(%s AS xid8))", (transaction,)
                ).fetchone()
        except psycopg.OperationalError:
            if time.monotonic() > end:
                raise
        else:
            if row is None or row[0] != "in progress" or time.monotonic() > end:
                return row is not None and row[0] == "committed"
        time.sleep(_AGAIN_S)
