"""The streams: what pages and programs follow."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from sps.console.answers import Answer
from sps.console.hub import View
from sps.console.registry import Route, Surface
from sps.console.visit import Visit
from sps.model.access import Role
from sps.model.errors import Misuse


class Follow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to follow, and after which event: its number, or the id that the stream gave it."""

    view: str = "all"
    cursor: str | None = None


def events(_: Visit) -> Answer:
    """Follow what happens."""
    raise AssertionError("a stream is answered by the application")


def everything(_: Visit, rest: str) -> View:
    """All that happens in the home."""
    if rest:
        raise Misuse("unknown-view", f"there is no view all:{rest[:40]}")
    return View(name="all")


def of_project(visit: Visit, rest: str) -> View:
    """All that happens in a project."""
    _known(visit, rest)
    return View(name=f"project:{rest}", project=rest)


def of_card(visit: Visit, rest: str) -> View:
    """All that happens to a card, named project#number."""
    project, _, seq = rest.partition("#")
    _known(visit, project)
    if not seq.isascii() or not seq.isdigit() or len(seq) > 9:
        raise Misuse("unknown-card", "a card is named project#number")
    return View(name=f"card:{project}#{int(seq)}", project=project, card=int(seq))


def _known(visit: Visit, project: str) -> None:
    if visit.world.store.read(lambda tx: tx.project(project)) is None:
        raise Misuse("unknown-project", f'there is no project "{project[:40]}"')


VIEWS: Mapping[str, Callable[[Visit, str], View]] = {
    "all": everything,
    "project": of_project,
    "card": of_card,
}
ROUTES = (
    Route(verb="GET", path="/events", surface=Surface.STREAM, role=Role.VIEWER, handler=events,
          query=Follow, says="What happens, for pages: with the fragments that a view shows."),
    Route(verb="GET", path="/api/v1/events", surface=Surface.STREAM, role=Role.VIEWER,
          handler=events, query=Follow, says="What happens, for programs."),
)  # fmt: skip
