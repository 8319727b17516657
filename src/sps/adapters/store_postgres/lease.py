"""A worker's lease: a row with an end by the database's clock, on a connection of its own.

A name belongs to a folder. Whoever works there holds the folder's lock, so the last holder of its
lease is dead; the lease of another folder that goes by the same name, a copy, is left alone."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shlex
import socket
from pathlib import Path
from typing import Any

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
WHERE workers.expires_at <= now_ms() OR split_part(workers.instance, '.', 1) = %(place)s
RETURNING id
"""
_HOLDER = "SELECT host, pid FROM workers WHERE id = %(id)s"
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
    """A `Lease` in the tables at a URL, for who works in a folder of this machine."""

    def __init__(self, url: str, folder: Path) -> None:
        self._address: Address = address_of(url)
        self._folder = folder
        self._line: psycopg.Connection | None = None
        self._values: dict[str, object] = {}

    def take(self, worker: Worker) -> None:
        """Write the row before any work begins."""
        fields = msgspec.structs.asdict(worker)
        place = _place(self._folder)
        instance = f"{place}.{os.urandom(8).hex()}"
        self._values = {**fields, "place": place, "instance": instance, "ttl": int(TTL_S * 1000)}
        try:
            if self._execute(_TAKE).rowcount:
                return
            holder = self._execute(_HOLDER).fetchone()
        except psycopg.Error as err:
            self._drop()
            failure.give_up(err, self._address)
        raise self._taken(worker, holder or ("another machine", 0))

    def _taken(self, worker: Worker, holder: tuple[str, int]) -> Held:
        folder = shlex.quote(str(self._folder))
        alone = {
            "home": f"SPS_HOME={shlex.quote(str(self._folder) + '-worker')} sps worker run",
            "worker": f"rm {folder}/id && SPS_HOME={folder} sps worker run",
        }
        return Held(
            "worker-name-taken",
            f"{worker.id} is at work already, as process {holder[1]} on {holder[0]}, in another "
            f"folder than {self._folder}: one of the two is a copy of the other",
            hint=alone[worker.role],
            where=str(self._folder),
        )

    def renew(self) -> bool | None:
        """Hold on; a lost line is made anew next time."""
        try:
            return self._execute(_RENEW).rowcount > 0
        except psycopg.Error:
            self._drop()
            return None

    def release(self) -> None:
        """Let others have our cards at once."""
        with contextlib.suppress(psycopg.Error):
            for statement in _RELEASE:
                self._execute(statement)
        self._drop()

    def _execute(self, statement: str) -> psycopg.Cursor[Any]:
        if self._line is None:
            self._line = self._address.connect()
            self._line.execute(_ANSWER.encode())
        return self._line.execute(statement.encode(), self._values)

    def _drop(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()


def _place(folder: Path) -> str:
    """Return what names this folder and no copy of it, on whatever machine."""
    boot = b""
    with contextlib.suppress(OSError):  # machines may share a name; there is none but on Linux
        boot = Path("/proc/sys/kernel/random/boot_id").read_bytes()
    found = folder.stat()
    text = f"{socket.gethostname()} {found.st_dev} {found.st_ino} ".encode() + boot
    return hashlib.sha256(text).hexdigest()[:16]
