"""Whether the database file is sound in itself: pages, references, rules, marks."""

from __future__ import annotations

import sqlite3

from sps.adapters.store_sqlite.migration import APPLICATION_ID, fresh, migrations, schema_version

_OBJECTS = "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL"


def problems(connection: sqlite3.Connection) -> list[str]:
    """Return one sentence for each problem. Raises `sqlite3.Error` when reading itself fails."""
    return [
        *_marks(connection),
        *_pages(connection),
        *_references(connection),
        *_rules(connection),
    ]


def _marks(connection: sqlite3.Connection) -> list[str]:
    found = []
    (mark,) = connection.execute("PRAGMA application_id").fetchone()
    if mark != APPLICATION_ID:
        found.append(f"the file says that it belongs to another program ({mark:#x})")
    known = migrations()[-1].number
    version = schema_version(connection)
    if version != known:
        found.append(f"the schema is number {version}, this program works with {known}")
    return found


def _pages(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute("PRAGMA quick_check(20)").fetchall()
    return [f"damaged: {row[0]}" for row in rows if row[0] != "ok"]


def _references(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute("PRAGMA foreign_key_check").fetchmany(20)
    return [f"a row of {table} points to a missing row of {parent}" for table, _, parent, _ in rows]


def _rules(connection: sqlite3.Connection) -> list[str]:
    """Compare tables, indexes and triggers with those of a new database."""
    memory = fresh(migrations())
    try:
        wanted = {(kind, name): sql for kind, name, sql in memory.execute(_OBJECTS)}
    finally:
        memory.close()
    actual = {(kind, name): sql for kind, name, sql in connection.execute(_OBJECTS)}
    missing = [f"the {kind} {name} is missing" for kind, name in sorted(wanted.keys() - actual)]
    changed = [
        f"the {kind} {name} was changed"
        for kind, name in sorted(wanted.keys() & actual.keys())
        if wanted[kind, name] != actual[kind, name]
    ]
    return missing + changed
