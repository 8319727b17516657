"""The environments a project keeps: how large they are, and dropping them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sps.lib.times import rfc3339
from sps.model.errors import Held, Misuse
from sps.services import lookup

if TYPE_CHECKING:
    from sps.ports.environments import Made
    from sps.ports.world import World


class EnvironmentView(msgspec.Struct, frozen=True, kw_only=True):
    """One kept environment. `own`: only cards with exactly this tree use it."""

    name: str
    tree: str
    own: bool
    files: int
    bytes: int
    seconds: float
    made_at: str
    used_at: str


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """What the environments of a project take, beside all that the home may have for them."""

    count: int
    bytes: int
    limit: int


class EnvironmentList(msgspec.Struct, frozen=True, kw_only=True):
    """The environments of a project, last used first; `dropped` ones are gone."""

    project: str
    room: Room
    environments: list[EnvironmentView]
    dropped: list[str] = []


def room(world: World, project: str) -> Room:
    """Return how much a project keeps."""
    made = world.environments.all(project)
    limit = world.environments.limit
    return Room(count=len(made), bytes=sum(one.bytes for one in made), limit=limit)


def list_environments(world: World, project: str) -> EnvironmentList:
    """List what a project keeps. Raises `Misuse("unknown-project")`."""
    world.store.read(lambda tx: lookup.project(tx, project))
    return _told(world, project)


def drop_environments(world: World, project: str, names: tuple[str, ...] = ()) -> EnvironmentList:
    """Drop these environments, all without names; they are made again when they are needed.

    Raises `Misuse` (unknown-project, unknown-environment), `Held("environment-in-use")` when one of
    them is copied or made at this moment; the others are gone then.
    """
    world.store.read(lambda tx: lookup.project(tx, project))
    known = [made.name for made in world.environments.all(project)]
    chosen = [_named(known, name, project) for name in names] or known
    busy = [name for name in chosen if not world.environments.drop(project, name)]
    if busy:
        raise Held(
            "environment-in-use",
            f"in use at this moment: {', '.join(busy)}",
            hint=f"sps project environment {project} --drop",
        )
    return _told(world, project, dropped=chosen)


def _named(known: list[str], begins: str, project: str) -> str:
    """Return the one name that begins so."""
    found = [name for name in known if name.startswith(begins)]
    if len(found) == 1:
        return found[0]
    says = "no environment begins" if not found else f"{len(found)} environments begin"
    hint = f"sps project environment {project}"
    raise Misuse("unknown-environment", f'{says} with "{begins}"', hint=hint)


def _told(world: World, project: str, dropped: list[str] | None = None) -> EnvironmentList:
    made = world.environments.all(project)
    return EnvironmentList(
        project=project,
        room=room(world, project),
        environments=[_view(one) for one in made],
        dropped=dropped or [],
    )


def _view(made: Made) -> EnvironmentView:
    return EnvironmentView(
        name=made.name,
        tree=made.tree,
        own=made.own,
        files=made.files,
        bytes=made.bytes,
        seconds=made.seconds,
        made_at=rfc3339(made.made_at),
        used_at=rfc3339(made.used_at),
    )
