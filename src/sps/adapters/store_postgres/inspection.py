"""Whether the tables and their rules stand as we made them."""

from __future__ import annotations

import re

import psycopg

from sps.adapters.store_postgres.migration import migrations, schema_version

_MADE = re.compile(r"^CREATE (?:UNIQUE )?(TABLE|INDEX|TRIGGER|FUNCTION) (\w+)", re.MULTILINE)
_DROPPED = re.compile(r"^DROP (TABLE|INDEX|TRIGGER|FUNCTION) (?:IF EXISTS )?(\w+)", re.MULTILINE)
_THERE = """
SELECT CASE WHEN relkind IN ('r', 'p') THEN 'TABLE' ELSE 'INDEX' END, relname FROM pg_class
WHERE relnamespace = 'sps'::regnamespace AND relkind IN ('r', 'p', 'i')
UNION ALL SELECT 'TRIGGER', tgname FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
WHERE c.relnamespace = 'sps'::regnamespace AND NOT tgisinternal AND tgenabled IN ('O', 'A')
UNION ALL SELECT 'FUNCTION', proname FROM pg_proc WHERE pronamespace = 'sps'::regnamespace
"""
_OFF = """
SELECT conname FROM pg_constraint
WHERE connamespace = 'sps'::regnamespace AND NOT convalidated
UNION ALL SELECT tgname FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
WHERE c.relnamespace = 'sps'::regnamespace AND tgisinternal AND tgenabled NOT IN ('O', 'A')
UNION ALL SELECT c.relname FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
WHERE c.relnamespace = 'sps'::regnamespace AND NOT (i.indisvalid AND i.indisready)
"""


def problems(connection: psycopg.Connection) -> list[str]:
    """Return one sentence for each problem. Raises `psycopg.Error` when reading itself fails."""
    known, version = migrations()[-1].number, schema_version(connection)
    if version != known:
        return [f"the schema is number {version}, this program works with {known}"]
    there = set(connection.execute(_THERE).fetchall())
    missing = [f"the {kind.lower()} {name} is missing" for kind, name in sorted(_made() - there)]
    off = [f"the rule {name} is switched off" for (name,) in connection.execute(_OFF).fetchall()]
    return missing + off


def _made() -> set[tuple[str, str]]:
    """Return what the migrations have made and left."""
    made: set[tuple[str, str]] = set()
    for step in migrations():
        made -= set(_DROPPED.findall(step.script))
        made |= set(_MADE.findall(step.script))
    return made
