"""The skill manager: one verb a file. It works on the repository of the current folder, with or
without a project of this home."""

from __future__ import annotations

from sps.services.skills.listing import SkillList, SkillView, list_skills

__all__ = ["SkillList", "SkillView", "list_skills"]
