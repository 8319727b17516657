"""Skills that lie in folders: `<folder>/<name>/SKILL.md` and whatever else belongs to them."""

from __future__ import annotations

from sps.adapters.skills_dir.folders import SkillsDir

__all__ = ["SkillsDir"]
