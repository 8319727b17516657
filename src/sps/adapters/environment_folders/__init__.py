"""Environments kept as folders of the home."""

from __future__ import annotations

from sps.adapters.environment_folders.folders import EnvironmentFolders
from sps.adapters.environment_folders.limit import size_limit

__all__ = ["EnvironmentFolders", "size_limit"]
