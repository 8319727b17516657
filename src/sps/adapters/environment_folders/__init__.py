"""Environments kept as folders of the home."""

from __future__ import annotations

from sps.adapters.environment_folders.folders import EnvironmentFolders

__all__ = ["EnvironmentFolders"]
