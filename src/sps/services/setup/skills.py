"""Skills of this home for the user's own agents, with a note of each link that was made."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from sps.services.setup.record import Kind, Written
from sps.services.skills.user_sync import sync_user

if TYPE_CHECKING:
    from sps.services.skills.outcome import Outcomes
    from sps.services.skills.scope import Scope

EVERY = "all"


def link_skills(scope: Scope, names: tuple[str, ...]) -> tuple[Outcomes, list[Written]]:
    """Link skills, or with `all` every one in force; return what came of it and what was written.
    Raises `Misuse` (unknown-skill, bad-name)."""
    folders = {path for agent in scope.agents_of_user() for path in scope.user_folders(agent)}
    every = {one for folder in folders for one in (folder, *folder.parents)}
    missing = [folder for folder in sorted(every) if not folder.exists()]
    done = sync_user(scope, () if EVERY in names else names, ())
    made = [folder for folder in missing if folder.is_dir()]
    places = [Path(place) for one in done.skills if one.did == "linked" for place in one.places]
    links = [
        Written(kind=Kind.LINK, path=str(place), text=os.readlink(place))
        for place in places
        if place.is_symlink()
    ]
    return done, [*(Written(kind=Kind.FOLDER, path=str(one)) for one in made), *links]


def unlink(written: Written) -> str | None:
    """Take a link away again; return why it was left."""
    path = Path(written.path)
    if not path.is_symlink():
        return "something else is there now" if path.exists() else None
    if os.readlink(path) != written.text:
        return f"it leads to {os.readlink(path)} now"
    path.unlink()
    return None
