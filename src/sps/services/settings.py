"""What this home is set to, where each value comes from, and where things lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sps import __version__
from sps.lib.byte_size import show
from sps.services.status import living_daemon

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sps.ports.world import World


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """One value. `source` is environment, file, flag or default; `where` names the variable, the
    file or the flag."""

    name: str
    value: str
    source: str
    where: str


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where something lies. `there` is false for what is made on first use."""

    name: str
    path: str
    there: bool


class SettingsView(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a home."""

    version: str
    home_id: str
    settings: list[Setting]
    places: list[Place]


def settings(world: World, environment: Mapping[str, str]) -> SettingsView:
    """Look up the settings of the process that works on this home."""
    home = world.home
    places = {
        "Home": home.root,
        "Engine's database": home.engine_database,
        "Projects": home.root / "projects",
        "Skills": home.skills,
        "Skill store": home.skill_store,
        "Agents": home.agents,
        "Log": home.log,
        "Trash": home.skill_trash,
        "Token for metrics": home.token,
    }
    found = [Place(name=name, path=str(path), there=path.exists()) for name, path in places.items()]
    own = world.database == str(home.database)
    there = home.database.exists() if own else True
    found.insert(1, Place(name="Database", path=world.database, there=there))
    return SettingsView(
        version=__version__,
        home_id=world.home_id,
        settings=_settings(world, environment),
        places=found,
    )


def _settings(world: World, environment: Mapping[str, str]) -> list[Setting]:
    home, daemon = world.home, living_daemon(world.home)
    found = [
        _variable(environment, "SPS_HOME", "Home", str(home.root)),
        _variable(environment, "SPS_LOG", "Level of the log", "info"),
        _variable(
            environment,
            "SPS_ENVIRONMENTS_LIMIT",
            "Room for environments",
            show(world.environments.limit),
        ),
    ]
    if daemon is not None:
        address = daemon.url or f"http://{daemon.host}:{daemon.port}"
        found.append(
            Setting(name="Address", value=address, source="flag", where="sps up --port, --host")
        )
    own = home.agents.exists()
    found.append(
        Setting(
            name="Agents", value=", ".join(kind.name for kind in world.registry.kinds()),
            source="file" if own else "default", where=str(home.agents) if own else "built in",
        )
    )  # fmt: skip
    return found + [
        Setting(
            name=f"Pipeline of {project.name}", value=f"{project.agent}, {project.sandbox.value}",
            source="file", where=str(home.pipeline(project.name)),
        )
        for project in world.store.read(lambda tx: tx.projects())
    ]  # fmt: skip


def _variable(environment: Mapping[str, str], variable: str, name: str, value: str) -> Setting:
    given = environment.get(variable)
    if given:
        shown = given if variable != "SPS_HOME" else value
        return Setting(name=name, value=shown, source="environment", where=variable)
    return Setting(name=name, value=value, source="default", where=variable)
