"""A worker's lease: a row with an end by the database's clock, on a connection of its own."""

from __future__ import annotations

import contextlib
import os

import msgspec
import psycopg

from sps.adapters.store_postgres import failure
from sps.adapters.store_postgres.address import Address, address_of
from sps.model.errors import Held
from sps.ports.lease import TTL_S
from sps.ports.store import Worker

_TAKE = """
INSERT INTO workers (id, role, instance, host, pid, started_at, expires_at, vaults) VALUES (
    %(id)s, %(role)s, %(instance)s, %(host)s, %(pid)s, %(started_at)s, now_ms() + %(ttl)s,
    %(vaults)s
) ON CONFLICT (id) DO UPDATE SET
    role = excluded.role, instance = excluded.instance, host = excluded.host, pid = excluded.pid,
    started_at = excluded.started_at, expires_at = excluded.expires_at, vaults = excluded.vaults
WHERE workers.expires_at <= now_ms() OR workers.host = excluded.host
RETURNING id
"""
_RENEW = """
UPDATE workers SET expires_at = now_ms() + %(ttl)s
WHERE id = %(id)s AND instance = %(instance)s AND expires_at > now_ms()
"""
# The home's row stays: it says where the vaults lie.
_RELEASE = (
    "DELETE FROM workers WHERE id = %(id)s AND instance = %(instance)s AND role = 'worker'",
    "UPDATE workers SET expires_at = 0 WHERE id = %(id)s AND instance = %(instance)s",
)
_ANSWER = "SET statement_timeout = '2s'; SET lock_timeout = '2s'"


class PostgresLease:
    """A `Lease` in the tables at a URL."""

    def __init__(self, url: str) -> None:
        self._address: Address = address_of(url)
        self._line: psycopg.Connection | None = None
        self._values: dict[str, object] = {}

    def take(self, worker: Worker) -> None:
        """Write the row before any work begins."""
        fields = msgspec.structs.asdict(worker)
        instance = os.urandom(8).hex()
        self._values = {**fields, "instance": instance, "ttl": int(TTL_S * 1000)}
        try:
            taken = self._execute(_TAKE)
        except psycopg.Error as err:
            self._drop()
            failure.give_up(err, self._address)
        if not taken:
            raise Held(
                "worker-name-taken",
                f"a worker {worker.id} lives on another machine: was this home copied from there?",
                hint=f"remove the file id in this home, when {worker.host} is the copy",
                where=self._address.shown,
            )

    def renew(self) -> bool | None:
        """Hold on; a lost line is made anew next time."""
        try:
            return self._execute(_RENEW) > 0
        except psycopg.Error:
            self._drop()
            return None

    def release(self) -> None:
        """Let others have our cards at once."""
        with contextlib.suppress(psycopg.Error):
            for statement in _RELEASE:
                self._execute(statement)
        self._drop()

    def _execute(self, statement: str) -> int:
        if self._line is None:
            self._line = self._address.connect()
            self._line.execute(_ANSWER.encode())
        return self._line.execute(statement.encode(), self._values).rowcount

    def _drop(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()
