"""The skills of a home: contents by hash, read-only, and the list of what is installed."""

from __future__ import annotations

from sps.adapters.skill_store.store import SkillStoreDir

__all__ = ["SkillStoreDir"]
