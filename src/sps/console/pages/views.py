"""Named views of a board: kept in the home, so that every browser and the command line has them."""

from __future__ import annotations

import msgspec

from sps.console.answers import Answer, Document, Moved
from sps.console.registry import Route, Surface
from sps.console.visit import Visit
from sps.model.access import Role
from sps.model.desk import SavedView
from sps.services.views import ViewList, drop_view, save_view, views


class Save(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A view: its name and its filter; no filter is the whole board."""

    name: str
    q: str = ""


class Drop(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The name of a view to forget."""

    name: str


def save(visit: Visit) -> Answer:
    """Keep a view."""
    made = _saved(visit)
    return Moved(to=f"/p/{made.project}/board")


def save_view_document(visit: Visit) -> Answer:
    """Keep a view and give it back."""
    return Document(value=_saved(visit), status=201)


def _saved(visit: Visit) -> SavedView:
    wanted: Save = visit.body
    return save_view(visit.world, visit.path["project"], wanted.name, wanted.q)


def drop(visit: Visit) -> Answer:
    """Forget a view."""
    drop_view(visit.world, visit.path["project"], visit.body.name)
    return Moved(to=f"/p/{visit.path['project']}/board")


def drop_view_document(visit: Visit) -> Answer:
    """Forget a view and tell what it was."""
    return Document(value=drop_view(visit.world, visit.path["project"], visit.body.name))


def views_document(visit: Visit) -> Answer:
    """List the views of a project."""
    return Document(value=views(visit.world, visit.path["project"]))


_P, _A = "/p/{project}/views", "/api/v1/projects/{project}/views"
ROUTES = (
    Route(verb="POST", path=_P, surface=Surface.PAGE, role=Role.OPERATOR, handler=save, body=Save,
          says="Keep a filter of the board under a name."),
    Route(verb="POST", path=_P + "/drop", surface=Surface.PAGE, role=Role.OPERATOR, handler=drop,
          body=Drop, says="Forget a view of the board."),
    Route(verb="GET", path=_A, surface=Surface.API, role=Role.VIEWER, handler=views_document,
          answers=ViewList, says="The named views of a board."),
    Route(verb="POST", path=_A, surface=Surface.API, role=Role.OPERATOR,
          handler=save_view_document, body=Save, answers=SavedView, status=201,
          says="Keep a filter of the board under a name."),
    Route(verb="DELETE", path=_A, surface=Surface.API, role=Role.OPERATOR,
          handler=drop_view_document, body=Drop, answers=SavedView,
          says="Forget a view of the board."),
)  # fmt: skip
