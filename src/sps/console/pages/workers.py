"""The workers: every slot, who works in it, since when, and who says nothing any more."""

from __future__ import annotations

import msgspec

from sps.console.answers import Answer, Document, Moved, Page
from sps.console.registry import Route, Surface
from sps.console.visit import Visit
from sps.model.access import Role
from sps.services.slots import Slots, slots
from sps.services.workers import RunView, kill_run


class Stop(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing beside the run in the path."""


def workers_page(visit: Visit) -> Answer:
    """Show the slots of all projects and the runs in them."""
    cursor = visit.world.store.read(lambda tx: tx.last_event())
    return Page(
        template="workers.html", title="Workers", model=slots(visit.world), view="all",
        cursor=cursor, here="workers",
    )  # fmt: skip


def workers_document(visit: Visit) -> Answer:
    """List the slots and the runs in progress."""
    return Document(value=slots(visit.world))


def stop_run(visit: Visit) -> Answer:
    """Have a run stopped."""
    kill_run(visit.world, visit.path["run"])
    return Moved(to="/workers")


def stop_run_document(visit: Visit) -> Answer:
    """Have a run stopped; its card goes back and the same attempt is tried again later."""
    return Document(value=kill_run(visit.world, visit.path["run"]))


ROUTES = (
    Route(verb="GET", path="/workers", surface=Surface.PAGE, role=Role.VIEWER,
          handler=workers_page, says="The slots and the runs in them."),
    Route(verb="POST", path="/workers/{run}/stop", surface=Surface.PAGE, role=Role.OPERATOR,
          handler=stop_run, body=Stop, says="Stop a run."),
    Route(verb="GET", path="/api/v1/workers", surface=Surface.API, role=Role.VIEWER,
          handler=workers_document, answers=Slots, says="The slots and the runs in them."),
    Route(verb="POST", path="/api/v1/workers/{run}/stop", surface=Surface.API, role=Role.OPERATOR,
          handler=stop_run_document, body=Stop, answers=RunView, says="Stop a run."),
)  # fmt: skip
