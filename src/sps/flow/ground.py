"""What every step of a card needs beside the card: its project and the pipeline in force."""

from __future__ import annotations

import msgspec

from sps.lib.threads import in_thread
from sps.model.errors import Absent
from sps.model.pipeline import Pipeline
from sps.model.project import Project
from sps.ports.world import World


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """A project and its pipeline, read once per step."""

    project: Project
    pipeline: Pipeline


async def ground(world: World, name: str) -> Ground:
    """Read them. Raises `Absent("no-project")`, `PipelineBroken`."""
    project = await in_thread(world.store.read, lambda tx: tx.project(name))
    if project is None:
        raise Absent("no-project", f'there is no project "{name}"', hint="sps project list")
    pipeline = await in_thread(world.pipeline_files.load, name)
    return Ground(project=project, pipeline=pipeline)
