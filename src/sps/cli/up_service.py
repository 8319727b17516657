"""`sps up --service`: the daemon as a service of the machine."""

from __future__ import annotations

import os
import shutil
import sys
import time
from typing import TYPE_CHECKING

from sps.cli.frame import Frame
from sps.model.errors import WorkFailed

if TYPE_CHECKING:
    from sps.bootstrap import Wired
    from sps.cli.up import Wanted
    from sps.ports.home import Home
    from sps.ports.service import ServiceSpec, ServiceState

_PATIENCE_S = 20.0
_LOOK_S = 0.1


def service(frame: Frame, verb: str, wanted: Wanted) -> int:
    """Carry out one verb; the service runs `up` as wanted. `status` exits with 1 while it does not
    run."""
    from sps.services.daemon_service import service_name

    with frame.world() as world:
        name = service_name(world.home, os.environ)
        if frame.dry_run:
            state = _looked_at(world, verb, wanted, name)
        elif verb == "start":
            state = _start(frame, world, wanted)
        elif verb == "stop":
            state = world.service.stop(name)
        elif verb == "remove":
            state = world.service.remove(name)
        else:
            state = world.service.state(name)
    frame.show(state, lambda one: one.says if frame.dry_run else _text(one, verb))
    tried = frame.dry_run and verb == "start"
    return 0 if state.running or tried or verb in ("stop", "remove") else 1


def _looked_at(world: Wired, verb: str, wanted: Wanted, name: str) -> ServiceState:
    """Check what a verb would check, and say how the service stands."""
    if verb == "start":
        _spec(world, wanted)
    return world.service.state(name)


def _spec(world: Wired, wanted: Wanted) -> ServiceSpec:
    from sps.daemon.place import listening
    from sps.services.daemon_service import service_spec

    port, limit = wanted.number(world, "console.port"), wanted.number(world, "agents.limit")
    listening(world, wanted.host, port)  # what it would refuse is refused here
    words = ("--port", str(port), "--host", wanted.host, "--limit", str(limit))
    _ = world.store  # a home without a database of ours is refused before anything is made
    return service_spec(world.home, _program(), words, os.environ)


def _start(frame: Frame, world: Wired, wanted: Wanted) -> ServiceState:
    from sps.bootstrap.drain import drain
    from sps.services.ssh_agent import in_force, unseen

    spec = _spec(world, wanted)
    before = world.service.state(spec.name)
    if not before.running:
        pid = drain(world.home.lock)
        if pid is not None:
            frame.note(f"the daemon (pid {pid}) makes way for the service")
    world.service.install(spec)
    _await(world.home)
    hidden = unseen(world, os.environ, in_force(world))
    if hidden is not None:
        frame.note(f"{hidden.cause}; let it see it: {hidden.command}")
    return world.service.state(spec.name)


def _program() -> tuple[str, ...]:
    """Return how this program is called: by the name on PATH, which an upgrade keeps, when that is
    this program."""
    found = shutil.which("sps")
    mine = os.path.join(os.path.dirname(sys.executable), "sps")
    if found and os.path.realpath(found) == os.path.realpath(mine):
        return (os.path.abspath(found),)
    return (sys.executable, "-m", "sps")


def _await(home: Home) -> None:
    from sps.services.status import living_daemon

    end = time.monotonic() + _PATIENCE_S
    while living_daemon(home) is None:
        if time.monotonic() > end:
            raise WorkFailed(
                "daemon-silent", f"the service was started, but no daemon answered within "
                f"{_PATIENCE_S:.0f} s; its log is {home.log}", hint=f"tail -n 20 {home.log}",
            )  # fmt: skip
        time.sleep(_LOOK_S)


def _text(state: ServiceState, verb: str) -> str:
    if not state.installed:
        return "no service for this home" + ("; it is removed" if verb == "remove" else "")
    parts = [f"{state.manager}: {state.says}", f"  {state.file}"]
    if verb == "start":
        parts += [
            "it starts with your session and after a failure; sps down stops it until then",
            "status: sps up --service status; away with it: sps up --service remove",
        ]
        if state.manager.startswith("systemd"):
            parts.append("to keep it while you are logged out: loginctl enable-linger")
    return "\n".join(parts)
