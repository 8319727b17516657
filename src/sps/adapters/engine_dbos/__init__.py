"""The engine on DBOS Transact. Importing this costs nothing; starting the engine imports DBOS."""

from __future__ import annotations

from sps.adapters.engine_dbos.engine import DbosEngine

__all__ = ["DbosEngine"]
