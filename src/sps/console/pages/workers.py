"""The workers: every slot, who works in it, since when, and who says nothing any more."""

from __future__ import annotations

import msgspec

from sps.console.answers import Answer, Document, Moved, Page
from sps.console.pages.door import inside
from sps.console.registry import Route, Surface
from sps.console.visit import Visit
from sps.model.access import Role
from sps.services.change_project import pause_all, resume_paused
from sps.services.slots import Slots, slots
from sps.services.workers import RunView, kill_run


class Stop(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing beside the run in the path. `back`: the page to go to afterwards."""

    back: str = ""


class All(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing: it is about all projects."""


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """The projects that were changed."""

    projects: list[str]


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
    return Moved(to=inside(visit.body.back) if visit.body.back else "/workers")


def stop_run_document(visit: Visit) -> Answer:
    """Have a run stopped; its card goes back and the same attempt is tried again later."""
    return Document(value=kill_run(visit.world, visit.path["run"]))


def drain(visit: Visit) -> Answer:
    """Let what works come to its end, and start nothing new anywhere."""
    pause_all(visit.world)
    return Moved(to="/workers")


def drain_document(visit: Visit) -> Answer:
    """Let what works come to its end, and start nothing new anywhere."""
    return Document(value=Named(projects=pause_all(visit.world)))


def resume(visit: Visit) -> Answer:
    """Let all paused projects work again."""
    resume_paused(visit.world)
    return Moved(to="/workers")


def resume_document(visit: Visit) -> Answer:
    """Let all paused projects work again."""
    return Document(value=Named(projects=resume_paused(visit.world)))


_DRAIN, _RESUME = "Start nothing new in any project.", "Let all paused projects work again."
ROUTES = (
    Route(verb="POST", path="/workers/drain", surface=Surface.PAGE, role=Role.OPERATOR,
          handler=drain, body=All, says=_DRAIN),
    Route(verb="POST", path="/workers/resume", surface=Surface.PAGE, role=Role.OPERATOR,
          handler=resume, body=All, says=_RESUME),
    Route(verb="POST", path="/api/v1/workers/drain", surface=Surface.API, role=Role.OPERATOR,
          handler=drain_document, body=All, answers=Named, says=_DRAIN),
    Route(verb="POST", path="/api/v1/workers/resume", surface=Surface.API, role=Role.OPERATOR,
          handler=resume_document, body=All, answers=Named, says=_RESUME),
    Route(verb="GET", path="/workers", surface=Surface.PAGE, role=Role.VIEWER,
          handler=workers_page, says="The slots and the runs in them."),
    Route(verb="POST", path="/workers/{run}/stop", surface=Surface.PAGE, role=Role.OPERATOR,
          handler=stop_run, body=Stop, says="Stop a run."),
    Route(verb="GET", path="/api/v1/workers", surface=Surface.API, role=Role.VIEWER,
          handler=workers_document, answers=Slots, says="The slots and the runs in them."),
    Route(verb="POST", path="/api/v1/workers/{run}/stop", surface=Surface.API, role=Role.OPERATOR,
          handler=stop_run_document, body=Stop, answers=RunView, says="Stop a run."),
)  # fmt: skip
