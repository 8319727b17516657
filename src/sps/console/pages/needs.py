"""The first page: what waits for a person, oldest first, each with its one action."""

from __future__ import annotations

import msgspec

from sps.console.answers import Answer, Document, Page
from sps.console.registry import Route, Surface
from sps.console.visit import Visit
from sps.model.access import Role
from sps.services.status import ProjectStatus, status
from sps.services.waiting import Waiting, waiting
from sps.services.workers import RunView, list_runs


class Needs(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for a person, oldest first, and what works meanwhile."""

    waiting: list[Waiting]
    halted: list[ProjectStatus]
    running: list[RunView]
    projects: int


def needs(visit: Visit) -> Needs:
    """Collect the decisions of all projects."""
    world = visit.world
    now = status(world)
    queue = waiting(world, tuple(one.name for one in now.projects))
    return Needs(
        waiting=sorted(queue, key=lambda one: one.card.updated_at),
        halted=[one for one in now.projects if one.halted],
        running=list_runs(world).runs,
        projects=len(now.projects),
    )


def first_page(visit: Visit) -> Answer:
    """Show the queue of decisions across all projects."""
    cursor = visit.world.store.read(lambda tx: tx.last_event())
    return Page(
        template="needs.html", title="Needs you", model=needs(visit), view="all", cursor=cursor,
        here="needs",
    )  # fmt: skip


def as_document(visit: Visit) -> Answer:
    """List what waits for a person."""
    return Document(value=needs(visit))


ROUTES = (
    Route(verb="GET", path="/", surface=Surface.PAGE, role=Role.VIEWER, handler=first_page,
          says="What needs a person."),
    Route(verb="GET", path="/api/v1/needs", surface=Surface.API, role=Role.VIEWER,
          handler=as_document, answers=Needs, says="What needs a person, oldest first."),
)  # fmt: skip
