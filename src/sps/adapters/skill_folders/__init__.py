"""Skill folders on disk: in repositories, workspaces and agents' homes."""

from __future__ import annotations

from sps.adapters.skill_folders.folders import DiskSkillFolders

__all__ = ["DiskSkillFolders"]
