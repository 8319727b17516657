"""The store in one SQLite file."""

from __future__ import annotations

from sps.adapters.store_sqlite.opening import open_store
from sps.adapters.store_sqlite.snapshot import SqliteSnapshots
from sps.adapters.store_sqlite.store import SqliteStore

__all__ = ["SqliteSnapshots", "SqliteStore", "open_store"]
