"""Finding, making and upgrading the tables, before anything is read from them."""

from __future__ import annotations

import psycopg

from sps.adapters.store_postgres import failure
from sps.adapters.store_postgres.address import Address, address_of
from sps.adapters.store_postgres.migration import migrate, migrations, schema_version
from sps.adapters.store_postgres.store import PATIENCE, PostgresStore
from sps.model.errors import Absent, Misuse

_OLDEST = 130_000


def open_store(
    url: str, *, create: bool, home: str = "", patience: float = PATIENCE
) -> PostgresStore:
    """Open the tables in the database at `url`; with `create` they are made when there are none.

    An older schema is upgraded in one transaction. `home` is the id of the home that opens them:
    the first one owns them; empty for who only joins it. Raises `Misuse` with `bad-database` or
    `other-home`, `Absent("database-unreachable")`, `Absent("no-home")` without tables,
    `NewerData("newer-data")`, all without the password.
    """
    address = address_of(url)
    try:
        connection = address.connect()
        try:
            _prepare(connection, address, create=create)
            if home:
                _belongs(connection, address, home)
        finally:
            connection.close()
    except psycopg.Error as err:
        failure.give_up(err, address)
    return PostgresStore(address, patience=patience)


def _prepare(connection: psycopg.Connection, address: Address, *, create: bool) -> None:
    if connection.info.server_version < _OLDEST:
        raise failure.unreachable(address, "PostgreSQL 13 or newer is needed")
    (encoding,) = connection.execute("SHOW server_encoding").fetchone() or ("",)
    if encoding != "UTF8":
        raise failure.unreachable(address, f"its encoding is {encoding}, needed is UTF8")
    steps = migrations()
    found = schema_version(connection)
    if found > steps[-1].number:
        raise failure.newer(address, found, steps[-1].number)
    if found == 0 and not create:
        where = address.shown
        raise Absent(
            "no-home", f"there are no SPS tables in {where}", hint="sps setup", where=where
        )
    if found < steps[-1].number:
        migrate(connection, steps)


def _belongs(connection: psycopg.Connection, address: Address, home: str) -> None:
    """Make sure that the tables belong to a home; nobody's are its own from now on."""
    row = connection.execute("SELECT id FROM sps.home").fetchone()
    if row is None:
        connection.execute(
            "INSERT INTO sps.home (one, id) VALUES (true, %s) ON CONFLICT DO NOTHING", (home,)
        )
        row = connection.execute("SELECT id FROM sps.home").fetchone()
    if row is not None and row[0] != home:
        raise Misuse(
            "other-home",
            f"{address.shown} belongs to another home, which reads the card files and lands",
            hint="sps worker run",
            where=address.shown,
        )
