"""The one place that names concrete adapters. Nothing is made before it is asked for."""

from __future__ import annotations

from sps.bootstrap.member import open_member
from sps.bootstrap.opening import home_folder, open_anywhere, open_world, scratch_database
from sps.bootstrap.world import DATABASE, Wired

__all__ = [
    "DATABASE",
    "Wired",
    "home_folder",
    "open_anywhere",
    "open_member",
    "open_world",
    "scratch_database",
]
