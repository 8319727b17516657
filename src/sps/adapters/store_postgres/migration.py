"""The schema, as numbered files that are applied in order and never changed once released."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import psycopg

_FOLDER = Path(__file__).parent / "migrations"
_FILE_NAME = re.compile(r"(\d{4})_\w+\.sql")
_LOCK = 0x53505331  # held while somebody migrates
_VERSION_TABLE = """\
CREATE SCHEMA IF NOT EXISTS sps;
SET LOCAL search_path = sps;
CREATE TABLE IF NOT EXISTS schema_version (number BIGINT NOT NULL PRIMARY KEY);
"""


class Migration(NamedTuple):
    """One step of the schema."""

    number: int
    script: str


@functools.cache
def migrations() -> tuple[Migration, ...]:
    """Return all migrations in order; the last number is the schema this program knows."""
    return tuple(
        Migration(int(match[1]), path.read_text(encoding="utf-8"))
        for path in sorted(_FOLDER.iterdir())
        if (match := _FILE_NAME.fullmatch(path.name))
    )


def schema_version(connection: psycopg.Connection) -> int:
    """Return the number of the last migration that was applied, 0 without a schema of ours.
    Changes nothing."""
    found = connection.execute("SELECT to_regclass('sps.schema_version')").fetchone()
    if found is None or found[0] is None:
        return 0
    row = connection.execute("SELECT coalesce(max(number), 0) FROM sps.schema_version").fetchone()
    return int(row[0]) if row else 0


def migrate(connection: psycopg.Connection, steps: Sequence[Migration]) -> None:
    """Bring the schema up to the last step, in one transaction: all of it or nothing. Programs that
    do so at once wait for each other."""
    with connection.transaction():
        connection.execute("SET LOCAL statement_timeout = 0")
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        connection.execute(_VERSION_TABLE)
        version = schema_version(connection)
        for step in steps:
            if step.number > version:
                connection.execute(step.script.encode())
                connection.execute("INSERT INTO schema_version VALUES (%s)", (step.number,))
