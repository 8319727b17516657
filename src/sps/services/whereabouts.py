"""Where a home lies, so that a copy of one is told from one that was moved."""

from __future__ import annotations

import contextlib
import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from sps.lib import atomic
from sps.model.errors import Held

if TYPE_CHECKING:
    from sps.ports.home import Home


def settle(home: Home, home_id: str) -> None:
    """Note that the home lies where it is, for a process that holds its lock. Raises
    `Held("home-copied")`."""
    refuse_copy(home, home_id)
    here = os.fsencode(os.path.realpath(home.root))
    if os.fsencode(_read(home.whereabouts)) != here:
        with contextlib.suppress(OSError):  # a full disk is told by what needs it more
            atomic.swap(home.whereabouts, here)


def refuse_copy(home: Home, home_id: str) -> None:
    """Raise `Held("home-copied")` when the home is a copy of one that is still where it was noted:
    both would work on the same cards and land them twice."""
    noted = _read(home.whereabouts)
    if noted and _is_another(Path(noted), home, home_id):
        raise Held(
            "home-copied",
            f"{home.root} is a copy of the home {noted}, which is still there: both would work on"
            " the same cards and land them into the same repositories. Work with that one; when"
            " that folder is away or has another name, this one takes its place",
            hint=f"SPS_HOME={shlex.quote(noted)} sps status",
            where=str(home.root),
        )


def _is_another(noted: Path, home: Home, home_id: str) -> bool:
    """Whether a home of this id lies there, and is not this one seen by another way."""
    try:
        return _read(noted / "id").strip() == home_id and not noted.samefile(home.root)
    except OSError:
        return False


def _read(path: Path) -> str:
    try:
        return os.fsdecode(path.read_bytes())
    except OSError:
        return ""
