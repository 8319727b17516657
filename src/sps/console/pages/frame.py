"""The frame of every page by itself: a page that never loads again asks for it."""

from __future__ import annotations

import msgspec

from sps.console.answers import Answer, Moved, Page
from sps.console.registry import Route, Surface
from sps.console.visit import Visit
from sps.model.access import Role
from sps.services import lookup


class Where(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The entry of the navigation that is current, and the project."""

    here: str = ""
    project: str = ""


def navigation(visit: Visit) -> Answer:
    """Show the navigation with the numbers of now; without scripts, the first page."""
    if not visit.scripted:
        return Moved(to="/")
    wanted: Where = visit.query
    if wanted.project:
        visit.world.store.read(lambda tx: lookup.project(tx, wanted.project))
    return Page(template="nav.html", title="Main", here=wanted.here, project=wanted.project)


ROUTES = (
    Route(verb="GET", path="/nav", surface=Surface.PAGE, role=Role.VIEWER, handler=navigation,
          query=Where, says="The navigation with the numbers of now."),
)  # fmt: skip
