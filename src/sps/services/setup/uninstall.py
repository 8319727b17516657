"""Taking back what setup wrote: exactly that, newest first. What was edited is left and named."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from sps.lib.lock import holder
from sps.model.errors import Held, SpsError
from sps.services.agent_login import logout
from sps.services.setup import record as records
from sps.services.setup import rules, skills
from sps.services.setup.record import Kind, Written

if TYPE_CHECKING:
    from sps.ports.home import Home
    from sps.ports.world import World

# What stands in a home in which nothing was done: all of it can be made again.
_MADE_AGAIN = frozenset(
    {
        *("sps.db", "sps.db-wal", "sps.db-shm", "id", "setup.json", "daemon.lock", "access.json"),
        *("audit", "metrics.token", "skill-store", "skill-cache", "agents", "logs", "projects"),
        *("console.html", "place"),
    }
)
_BUNDLED = "bundled"


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """What was not taken back, and why."""

    path: str
    why: str


class Undone(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken back, and what was left. `logins` names the agents of which the home keeps a
    login or a key that setup did not write."""

    removed: list[str]
    left: list[Left]
    logins: list[str] = []


def uninstall(world: World, *, dry: bool = False) -> Undone:
    """Take back what setup wrote, but for the home itself. Raises `Held("home-busy")`."""
    who = holder(world.home.lock)
    if who is not None:
        raise Held("home-busy", f"this home is in use: {who}", hint="sps down")
    record = records.load(world.home)
    removed: list[str] = []
    left: list[Left] = []
    kept: list[Written] = []
    for one in reversed(record.written):
        if one.kind is Kind.HOME:
            kept.append(one)
            continue
        why = None if dry else _take_back(world, one)
        if why is None:
            removed.append(_named(one))
        else:
            left.append(Left(path=_named(one), why=why))
            kept.append(one)
    if not dry:
        records.save(world.home, msgspec.structs.replace(record, written=tuple(reversed(kept))))
    written = {one.path for one in record.written if one.kind is Kind.KEY}
    kinds = (one for one in world.registry.kinds() if not (dry and one.name in written))
    logins = [one.name for one in kinds if world.logins.kept(one)]
    return Undone(removed=removed, left=left, logins=logins)


def in_use(world: World) -> str | None:
    """Return why a home stays: it was not made by setup, or there is something of its owner's in
    it."""
    home = world.home
    if records.load(home).found(Kind.HOME, str(home.root)) is None:
        return "setup did not make it"
    if projects := world.store.read(lambda tx: tx.projects()):
        return f"it holds projects: {', '.join(project.name for project in projects)}"
    own = [one.name for one in world.skill_store.installed() if one.source != _BUNDLED]
    if own:
        return f"it holds skills: {', '.join(own[:5])}"
    names = {entry.name for entry in home.root.iterdir() if entry.suffix != ".lock"}
    if more := sorted(names - _MADE_AGAIN):
        return f"there is more in it: {', '.join(more[:5])}"
    folders = (home.root / "agents", home.root / "projects")
    inside = (file for folder in folders for file in folder.rglob("*") if not file.is_dir())
    found = next((file for file in inside if file.suffix != ".lock"), None)
    return None if found is None else f"there is more in it: {found.relative_to(home.root)}"


def remove_home(home: Home) -> None:
    """Remove a home in which there is nothing of its owner's."""
    shutil.rmtree(home.root)


def _take_back(world: World, one: Written) -> str | None:
    try:
        match one.kind:
            case Kind.RULES:
                return rules.take_back(one)
            case Kind.LINK:
                return skills.unlink(one)
            case Kind.FOLDER:
                return _remove_folder(Path(one.path))
            case Kind.KEY:
                logout(world, one.path)
                return None
            case Kind.HOME:
                return None
    except (SpsError, OSError) as err:
        return str(err)


def _remove_folder(path: Path) -> str | None:
    try:
        path.rmdir()
    except FileNotFoundError:
        return None
    except OSError:
        return "there is more in it"
    return None


def _named(one: Written) -> str:
    return f"key {one.text} of {one.path}" if one.kind is Kind.KEY else one.path
