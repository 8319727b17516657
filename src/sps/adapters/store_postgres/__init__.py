"""The store in a PostgreSQL database, for many processes on many machines."""

from __future__ import annotations

from sps.adapters.store_postgres.opening import open_store
from sps.adapters.store_postgres.store import PostgresStore

__all__ = ["PostgresStore", "open_store"]
