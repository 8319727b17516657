"""A database beside the one that is named, for measuring: made empty, and gone afterwards."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import psycopg

from sps.adapters.store_postgres import failure
from sps.adapters.store_postgres.address import Address, address_of


@contextlib.contextmanager
def scratch(url: str) -> Iterator[str]:
    """Give the URL of a fresh database on the same server. Raises `Absent("database-unreachable")`,
    also where our user may not make one."""
    address, name = address_of(url), f"sps_scratch_{os.urandom(6).hex()}"
    _order(address, f"CREATE DATABASE {name}")
    try:
        yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    finally:
        _order(address, f"DROP DATABASE {name} WITH (FORCE)")


def _order(address: Address, statement: str) -> None:
    try:
        with address.connect() as connection:
            connection.execute(statement.encode())
    except psycopg.Error as err:
        failure.give_up(err, address)
