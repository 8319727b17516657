"""Skills in the repositories of this home's projects, whatever folder the caller stands in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from sps.services import lookup
from sps.services.skills.repository import Repository
from sps.services.skills.scope import Scope

if TYPE_CHECKING:
    from sps.ports.world import World


def project_scope(world: World, project: str, *, dry: bool = False) -> Scope:
    """Return the scope of a project's repository. Raises `Misuse("unknown-project")`."""
    found = world.store.read(lambda tx: lookup.project(tx, project))
    return _scope(world, Path(found.repo), dry=dry)


def home_scope(world: World) -> Scope:
    """Return a scope that has no repository: the home's own folder, which is only looked at."""
    return _scope(world, world.home.root, dry=True)


def _scope(world: World, root: Path, *, dry: bool) -> Scope:
    return Scope(
        world=world, repository=Repository(root, dry=dry), user=Path.home(),
        environment=os.environ,
    )  # fmt: skip
