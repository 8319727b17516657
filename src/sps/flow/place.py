"""Giving a workspace back to its pool, with nothing lost that lies in it."""

from __future__ import annotations

from sps.model.errors import WorkFailed
from sps.model.project import Project
from sps.ports.vault import Workspace
from sps.ports.world import World


def give_back(world: World, project: Project, place: Workspace) -> None:
    """Release a workspace that no run stands in; what was never collected is kept first."""
    try:
        world.vault.release(project, place)
    except WorkFailed:  # not collected yet
        run_id = world.ids.new()
        world.vault.collect(project, place, run_id, f"Left in a workspace, kept as {run_id}")
        world.vault.release(project, place)
