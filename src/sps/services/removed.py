"""Finding what is kept of a project that was removed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sps.ports.world import World

_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d{6}\.\d{3}Z")


def kept_of(world: World, name: str) -> str | None:
    """Return the folder in the trash that was kept last of the project `name`, None when there is
    none, or when a project of that name is at work again."""
    if world.store.read(lambda tx: tx.project(name)) is not None:
        return None
    trash = world.home.root / "trash"
    if not trash.is_dir():
        return None
    found = [
        one
        for one in trash.iterdir()
        if one.name.startswith(f"{name}-") and _STAMP.fullmatch(one.name[len(name) + 1 :])
    ]
    return str(max(found, key=lambda one: one.name)) if found else None
