"""Named views of boards, kept in the home for all browsers and the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sps.model.desk import NAME_LIMIT, VIEWS_LIMIT, Desk, SavedView
from sps.model.errors import Misuse
from sps.services import lookup
from sps.services.card_filter import parsed

if TYPE_CHECKING:
    from sps.ports.world import World


class ViewList(msgspec.Struct, frozen=True, kw_only=True):
    """Saved views, by project and name."""

    views: list[SavedView]


def views(world: World, project: str | None = None) -> ViewList:
    """Return the views of a project, or of all that there are. Raises `Absent("desk-broken")`."""
    names = {one.name for one in world.store.read(lambda tx: tx.projects())}
    wanted = names & {project} if project is not None else names
    found = [one for one in world.desk.read().views if one.project in wanted]
    return ViewList(views=sorted(found, key=lambda one: (one.project, one.name.casefold())))


def save_view(world: World, project: str, name: str, text: str) -> SavedView:
    """Keep a filter under a name; one of this name is replaced. Raises `Misuse` (unknown-project,
    bad-filter, bad-name, too-many-views)."""
    world.store.read(lambda tx: lookup.project(tx, project))
    called = " ".join(name.split())
    if not called or len(called) > NAME_LIMIT or not called.isprintable():
        raise Misuse("bad-name", f"a view's name has 1 to {NAME_LIMIT} characters")
    view = SavedView(project=project, name=called, filter=parsed(text).text)

    def change(desk: Desk) -> tuple[Desk, SavedView]:
        others = tuple(one for one in desk.views if (one.project, one.name) != (project, called))
        if sum(one.project == project for one in others) >= VIEWS_LIMIT:
            raise Misuse("too-many-views", f"a project has at most {VIEWS_LIMIT} views")
        return msgspec.structs.replace(desk, views=(*others, view)), view

    return world.desk.change(change)


def drop_view(world: World, project: str, name: str) -> SavedView:
    """Forget a view and return what it was. Raises `Misuse("unknown-view")`."""

    def change(desk: Desk) -> tuple[Desk, SavedView]:
        gone = [one for one in desk.views if (one.project, one.name) == (project, name)]
        if not gone:
            raise Misuse("unknown-view", f'{project[:40]} has no view "{name[:60]}"')
        left = tuple(one for one in desk.views if one not in gone)
        return msgspec.structs.replace(desk, views=left), gone[0]

    return world.desk.change(change)
