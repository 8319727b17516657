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
_TURN = "LOCK TABLE turn IN EXCLUSIVE MODE"


def begin(connection: psycopg.Connection, wait: float) -> None:
    """Begin, and wait for the turn to write at most `wait` seconds.

    The lock comes before the first question, so that the snapshot is the newest: writers queue up
    instead of refusing each other. All of it is one message to the server.
    """
    connection.execute(
        "BEGIN ISOLATION LEVEL SERIALIZABLE; "
        f"SET LOCAL lock_timeout = {max(1, int(wait * 1000))}; {_TURN}".encode()
    )


def commit(connection: psycopg.Connection, address: Address, *, changed: bool) -> None:
    """Commit. A transaction that changed something leaves a token, and the other processes are
    told. When the answer is lost the token is looked for: return when it is there, raise when it is
    not. The number of the transaction would be no witness: a crash may give it to another one."""
    if not changed:
        connection.execute(b"COMMIT")
        return
    token = os.urandom(16).hex()
    try:
        connection.execute(
            f"SELECT leave_token('{token}'); NOTIFY {CHANNEL}, '{SENDER}'; COMMIT".encode()
        )
    except psycopg.Error as err:
        if not failure.is_away(err) or not _committed(token, address):
            raise


def _committed(token: str, address: Address) -> bool:
    """Look for a token, after a turn of our own: whoever was at work then is done. Raises
    `psycopg.Error` when nobody answers in time."""
    end = time.monotonic() + _PATIENCE_S
    while True:
        try:
            with address.connect() as connection, connection.transaction():
                connection.execute(_TURN.encode())
                found = connection.execute("SELECT 1 FROM commits WHERE token = %s", (token,))
                return found.fetchone() is not None
        except psycopg.OperationalError:
            if time.monotonic() > end:
                raise
        time.sleep(_AGAIN_S)
