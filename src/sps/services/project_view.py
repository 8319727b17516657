"""A project as documents show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sps.lib.times import rfc3339
from sps.model.card import CardState
from sps.services import lookup
from sps.services.environments import Room, room

if TYPE_CHECKING:
    from sps.model.project import Project
    from sps.ports.store import Reading
    from sps.ports.world import World


class ProjectView(msgspec.Struct, frozen=True, kw_only=True):
    """The public fields of a project. `halted` is the reason that keeps it from starting work."""

    name: str
    id: str
    repo: str
    branch: str
    agent: str
    sandbox: str
    halted: str | None
    halt_detail: str | None
    created_at: str
    counts: dict[str, int]
    environments: Room | None = None  #: where one project is shown


class ProjectList(msgspec.Struct, frozen=True, kw_only=True):
    """All projects of a home, by name."""

    projects: list[ProjectView]


def view(project: Project, counts: dict[str, int]) -> ProjectView:
    """Return the public fields of a project."""
    return ProjectView(
        name=project.name,
        id=project.id,
        repo=project.repo,
        branch=project.branch,
        agent=project.agent,
        sandbox=project.sandbox.value,
        halted=project.halted,
        halt_detail=project.halt_detail or None,
        created_at=rfc3339(project.created_at),
        counts=all_states(counts),
    )


def all_states(counts: dict[str, int]) -> dict[str, int]:
    """Return the counts with a number, possibly 0, for every state."""
    return {state.value: counts.get(state.value, 0) for state in CardState}


def list_projects(world: World) -> ProjectList:
    """List the projects of a home."""

    def question(tx: Reading) -> list[ProjectView]:
        counts = tx.counts()
        return [view(project, counts.get(project.name, {})) for project in tx.projects()]

    return ProjectList(projects=sorted(world.store.read(question), key=lambda one: one.name))


def show_project(world: World, name: str) -> ProjectView:
    """Show one project. Raises `Misuse("unknown-project")`."""

    def question(tx: Reading) -> ProjectView:
        return view(lookup.project(tx, name), tx.counts().get(name, {}))

    return msgspec.structs.replace(world.store.read(question), environments=room(world, name))
