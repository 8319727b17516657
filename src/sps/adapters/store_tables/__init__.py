"""What the stores over SQL share: rows, statements, and the questions and changes made of them. No
adapter itself: only the stores stand on it."""

from __future__ import annotations

from sps.adapters.store_tables.queries import statements
from sps.adapters.store_tables.reading import IDEMPOTENCY_TTL, TableReading
from sps.adapters.store_tables.rows import Row
from sps.adapters.store_tables.session import Cursor, Session
from sps.adapters.store_tables.writing import TableWriting

__all__ = [
    "IDEMPOTENCY_TTL",
    "Cursor",
    "Row",
    "Session",
    "TableReading",
    "TableWriting",
    "statements",
]
