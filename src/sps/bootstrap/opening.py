"""Which home a process works on, and in what kind of place its cards are kept."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from sps.bootstrap.world import DATABASE, Wired
from sps.model.errors import Absent
from sps.ports.home import Home


def home_folder() -> Path:
    """Return the home: `$SPS_HOME`, else `~/.sps`."""
    named = os.environ.get("SPS_HOME")
    return Path(named).absolute() if named else Path.home() / ".sps"


def scratch_database() -> contextlib.AbstractContextManager[str]:
    """Give the URL of an empty database beside the one that `SPS_DATABASE` names, and remove it
    afterwards; without that variable give an empty text: the file in a home."""
    url = os.environ.get(DATABASE)
    if not url:
        return contextlib.nullcontext("")
    from sps.adapters.store_postgres.scratch import scratch

    return scratch(url)


def open_world(
    root: Path, *, create: bool = False, database: str | None = None, rehearsed: bool = False
) -> Wired:
    """Wire a process to a home. `database` is the URL of a database, empty for the file in the
    home, None for what `SPS_DATABASE` says; where that is shared, a rehearsal makes no tables.
    Raises `Absent("no-home")` when the home is missing, unless `create`."""
    if create:
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        root.chmod(0o700)
    if not root.is_dir():
        raise Absent("no-home", f"there is no SPS home at {root}", hint="sps setup")
    url = os.environ.get(DATABASE, "") if database is None else database
    return Wired(Home(root), create=create and not (url and rehearsed), url=url)


def open_anywhere(root: Path) -> Wired:
    """Wire a process that may do without a home: what it finds there it uses."""
    return Wired(Home(root), create=False, url=os.environ.get(DATABASE, ""))
