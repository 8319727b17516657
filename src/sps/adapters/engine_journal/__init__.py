"""The embedded engine: workflows are tasks of this process, their steps rows of our own store."""

from __future__ import annotations

from sps.adapters.engine_journal.engine import JournalEngine
from sps.adapters.engine_journal.journal import Journal, MemoryJournal, StoreJournal

__all__ = ["Journal", "JournalEngine", "MemoryJournal", "StoreJournal"]
