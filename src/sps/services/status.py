"""How all projects stand."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from sps.lib.lock import holder
from sps.model.card import ACTIVE, CardState
from sps.model.errors import Absent, Misuse
from sps.model.reason import FOR_A_PERSON
from sps.services.project_view import all_states
from sps.services.standstill import Standstill, standstill

if TYPE_CHECKING:
    from sps.model.project import Project
    from sps.ports.home import Home
    from sps.ports.store import Reading
    from sps.ports.world import World


class ProjectStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One project: cards by state, how many move now, how many wait for a person."""

    name: str
    counts: dict[str, int]
    running: int
    needs_human: int
    waiting: int  #: in review or landing, for a person's word or deed
    file_errors: int
    halted: str | None
    halt_detail: str | None
    no_gate: bool


class Daemon(msgspec.Struct, frozen=True):
    """The living daemon of a home and where it listens."""

    pid: int
    host: str
    port: int
    version: str = ""
    url: str = ""  #: what to open in a browser


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """All projects of a home. `daemon` is null while none works; `at_work`: a daemon or a tick
    holds the home. Without one nothing runs: what is counted as running was cut off."""

    projects: list[ProjectStatus]
    daemon: Daemon | None
    at_work: bool


def status(world: World) -> Status:
    """Look at all projects in one snapshot."""
    gateless = _gateless(world)
    known = world.store.read(lambda tx: tx.projects())
    stopped = {project.name: standstill(world, project) for project in known}

    def question(tx: Reading) -> list[ProjectStatus]:
        counts, waiting = tx.counts(), waiting_for_a_person(tx)
        return [
            _one(
                tx, project, counts.get(project.name, {}), waiting.get(project.name, 0),
                no_gate=project.name in gateless, stopped=stopped.get(project.name),
            )
            for project in tx.projects()
        ]  # fmt: skip

    projects = sorted(world.store.read(question), key=lambda one: one.name)
    return Status(
        projects=projects,
        daemon=living_daemon(world.home),
        at_work=holder(world.home.lock) is not None,
    )


def living_daemon(home: Home) -> Daemon | None:
    """Return the daemon that holds this home, None while there is none that answers yet."""
    who = holder(home.lock) or ""
    try:
        found = msgspec.json.decode(home.info.read_bytes(), type=Daemon)
    except (OSError, msgspec.MsgspecError):
        return None
    # The note of a daemon that died lies there until the next one has written its own.
    return found if who.strip() == f"daemon pid {found.pid}" else None


def _one(
    tx: Reading,
    project: Project,
    counts: dict[str, int],
    waiting: int,
    *,
    no_gate: bool,
    stopped: Standstill | None,
) -> ProjectStatus:
    active = sum(counts.get(state.value, 0) for state in ACTIVE)
    return ProjectStatus(
        name=project.name,
        counts=all_states(counts),
        running=active - waiting,
        needs_human=counts.get(CardState.NEEDS_HUMAN.value, 0),
        waiting=waiting,
        file_errors=len(tx.file_errors(project.name)),
        halted=stopped.reason if stopped else None,
        halt_detail=stopped.detail or None if stopped else None,
        no_gate=no_gate,
    )


def waiting_for_a_person(tx: Reading) -> Counter[str]:
    """Return project -> how many of its cards wait in review or landing for a person."""
    found: Counter[str] = Counter()
    for (project, state, reason), number in tx.resting_counts().items():
        if state in ACTIVE and reason in FOR_A_PERSON:
            found[project] += number
    return found


def _gateless(world: World) -> set[str]:
    """Return the projects in which nothing is tested."""
    found: set[str] = set()
    for project in world.store.read(lambda tx: tx.projects()):
        try:
            if not any(gate.run for gate in world.pipeline_files.load(project.name).gates):
                found.add(project.name)
        except (Misuse, Absent):
            continue  # what is wrong with the file is doctor's to say
    return found
