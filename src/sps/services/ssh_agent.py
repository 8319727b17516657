"""Whether the daemon sees the ssh agent of the terminal: landings over ssh and signed ones want it.

The way to an agent ends with its session, so it is written into no service; the service gets it
from the session's manager, when its owner tells that.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from sps.lib import proctree
from sps.model.errors import SpsError
from sps.model.pipeline import LandTarget
from sps.services.daemon_service import service_name
from sps.services.status import living_daemon

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sps.model.pipeline import Pipeline
    from sps.ports.world import World

VARIABLE = "SSH_AUTH_SOCK"
_TELL = {
    "systemd": f"systemctl --user import-environment {VARIABLE} && sps up --service",
    "launchd": f'launchctl setenv {VARIABLE} "${VARIABLE}" && sps up --service',
}
_AGAIN = "sps down && sps up --detach"


class Unseen(msgspec.Struct, frozen=True, kw_only=True):
    """That the daemon does not see it, and what to type."""

    cause: str
    command: str


def unseen(
    world: World, environment: Mapping[str, str], pipelines: Iterable[Pipeline | SpsError]
) -> Unseen | None:
    """Return what to type when landings of these pipelines may need an ssh agent and the daemon at
    work sees none, although this terminal does; None when all is well, nobody works, or the system
    does not tell."""
    mine, daemon = environment.get(VARIABLE, ""), living_daemon(world.home)
    if daemon is None or not _is_socket(mine) or not any(map(_may_need, pipelines)):
        return None
    theirs = proctree.environment(daemon.pid)
    if theirs is None or _is_socket(theirs.get(VARIABLE, "")):
        return None
    where = theirs.get(VARIABLE)
    says = f"its {VARIABLE} is {where}, where nobody listens" if where else f"it has no {VARIABLE}"
    return Unseen(
        cause=f"the daemon (pid {daemon.pid}) does not see the ssh agent of this terminal: {says}."
        " A landing that needs a key from it waits",
        command=_command(world, environment),
    )


def in_force(world: World) -> list[Pipeline | SpsError]:
    """Return the pipelines of all projects."""
    found: list[Pipeline | SpsError] = []
    for project in world.store.read(lambda tx: tx.projects()):
        try:
            found.append(world.pipeline_files.load(project.name))
        except SpsError as err:
            found.append(err)
    return found


def _may_need(pipeline: Pipeline | SpsError) -> bool:
    if isinstance(pipeline, SpsError):
        return False
    return pipeline.land.to is LandTarget.ORIGIN or pipeline.land.sign == "ssh"


def _command(world: World, environment: Mapping[str, str]) -> str:
    try:
        state = world.service.state(service_name(world.home, environment))
    except SpsError:
        return _AGAIN
    if not state.running:
        return _AGAIN
    return _TELL[state.manager.partition(" ")[0]]


def _is_socket(path: str) -> bool:
    try:
        return bool(path) and stat.S_ISSOCK(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False
