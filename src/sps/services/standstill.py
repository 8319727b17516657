"""Why a project starts nothing new, as it is at this moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sps.model.errors import SpsError

if TYPE_CHECKING:
    from sps.model.project import Project
    from sps.ports.world import World

_OF_PIPELINE = ("pipeline-broken", "pipeline-missing")


class Standstill(msgspec.Struct, frozen=True):
    """The code of the reason, and its detail."""

    reason: str
    detail: str


def standstill(world: World, project: Project) -> Standstill | None:
    """Return why a project starts nothing new, None when it may. The pipeline file itself is
    looked at: without a daemon nobody has noted yet that it was broken, or mended."""
    try:
        world.pipeline_files.load(project.name)
    except SpsError as err:
        return Standstill(err.code, err.message)
    if project.halted is None or project.halted in _OF_PIPELINE:
        return None
    return Standstill(project.halted, project.halt_detail)
