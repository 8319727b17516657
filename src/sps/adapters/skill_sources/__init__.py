"""Where skills come from: the bundled library, folders, Git repositories, archives."""

from __future__ import annotations

from sps.adapters.skill_sources.limits import Limits
from sps.adapters.skill_sources.sources import OutsideSources

__all__ = ["Limits", "OutsideSources"]
