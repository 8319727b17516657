"""What this home is set to: every setting with its source, changing them, and where things lie."""

from __future__ import annotations

import os
from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from sps import __version__
from sps.model.errors import Absent, Misuse, Stale
from sps.model.settings import KEYS, Effect, Key, Source, known_key
from sps.services.status import living_daemon

if TYPE_CHECKING:
    from sps.ports.world import World


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """One setting as it is in force. `where` names the variable, the file or the option that it
    comes from; `kept` is what the file says, also where something overrules it; `trouble` is what
    is wrong with that."""

    key: Key
    value: str
    source: Source
    where: str
    kept: str = ""
    trouble: str = ""

    @property
    def locked(self) -> bool:
        """Whether a change of the file would have no effect now."""
        return self.source in (Source.ENVIRONMENT, Source.FLAG)


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where something lies. `there` is false for what is made on first use."""

    name: str
    path: str
    there: bool


class SettingsView(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a home. `broken` says why its file cannot be read; then it counts for
    nothing. `unknown` are names in it that mean nothing."""

    version: str
    home_id: str
    address: str
    file: str
    settings: list[Setting]
    places: list[Place]
    digest: str  #: of what the file says
    broken: str = ""
    unknown: list[str] = []


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One setting that a draft would change."""

    name: str
    old: str
    new: str
    effect: Effect


class Mistake(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with one value."""

    name: str
    says: str


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What would come of some values: nothing is changed yet."""

    changes: list[Change]
    mistakes: list[Mistake]


def value(world: World, name: str, environment: Mapping[str, str] | None = None) -> str:
    """Return the value in force. A file that cannot be read, or a value in it that is none, counts
    for nothing: what uses settings has to go on; `settings` tells what is wrong."""
    key = known_key(name)
    env = os.environ if environment is None else environment
    return _setting(key, world.flags, env, _kept(world)[0], str(world.home.settings)).value


def number(world: World, name: str) -> int:
    """Return a setting that is a number."""
    return int(value(world, name))


def settings(world: World, environment: Mapping[str, str]) -> SettingsView:
    """Look up everything that the process which works on this home is set to."""
    kept, broken = _kept(world)
    file, daemon = world.home.settings, living_daemon(world.home)
    known = {key.name for key in KEYS}
    return SettingsView(
        version=__version__,
        home_id=world.home_id,
        address=(daemon.url or f"http://{daemon.host}:{daemon.port}") if daemon else "",
        file=str(file),
        settings=[_setting(key, world.flags, environment, kept, str(file)) for key in KEYS],
        places=_places(world),
        digest=_digest(kept),
        broken=broken,
        unknown=sorted(set(kept) - known),
    )


def draft(world: World, wanted: Mapping[str, str]) -> Draft:
    """Say what some values would change, and every mistake in them. An empty value restores the
    default. Raises `Misuse("unknown-setting")`, `Absent("settings-broken")`."""
    kept = world.settings_file.read()
    changes, mistakes = [], []
    for name, text in wanted.items():
        key = known_key(name)
        old = kept.get(name, key.default)
        try:
            new = key.read(text) if text.strip() else key.default
        except Misuse as err:
            mistakes.append(Mistake(name=name, says=err.message))
            continue
        if new != old:
            changes.append(Change(name=name, old=old, new=new, effect=key.effect))
    return Draft(changes=changes, mistakes=mistakes)


def change_settings(
    world: World, wanted: Mapping[str, str], *, seen: str | None = None
) -> list[Change]:
    """Write values, all or none; an empty one restores the default. `seen` is the digest of what
    the draft was compared with. Raises `Misuse` (unknown-setting, bad-setting), `Stale`."""
    tidy = {name: _tidy(known_key(name), text) for name, text in wanted.items()}
    made: list[Change] = []

    def change(kept: dict[str, str]) -> dict[str, str]:
        if seen is not None and seen != _digest(kept):
            raise Stale("the settings were changed meanwhile: look at the difference again")
        for name, new in tidy.items():
            key = known_key(name)
            old = kept.get(name, key.default)
            if new != old:
                made.append(Change(name=name, old=old, new=new, effect=key.effect))
            if new == key.default:
                kept.pop(name, None)
            else:
                kept[name] = new
        return kept

    world.settings_file.change(change)
    return made


def _digest(kept: Mapping[str, str]) -> str:
    return sha256(msgspec.json.encode(sorted(kept.items()))).hexdigest()


def _tidy(key: Key, text: str) -> str:
    return key.read(text) if text.strip() else key.default


def _kept(world: World) -> tuple[dict[str, str], str]:
    try:
        return world.settings_file.read(), ""
    except Absent as err:
        return {}, err.message


def _setting(
    key: Key, flags: Mapping[str, str], env: Mapping[str, str], kept: Mapping[str, str], file: str
) -> Setting:
    written, trouble = kept.get(key.name, ""), ""
    places = (
        (flags.get(key.name, ""), Source.FLAG, key.flag),
        (env.get(key.variable, "") if key.variable else "", Source.ENVIRONMENT, key.variable),
        (written, Source.FILE, file),
    )
    for text, source, where in places:
        if not text:
            continue
        try:
            found = key.read(text)
        except Misuse as err:
            trouble = trouble or err.message
            continue
        return Setting(key=key, value=found, source=source, where=where, kept=written,
                       trouble=trouble)  # fmt: skip
    return Setting(key=key, value=key.default, source=Source.DEFAULT, where="", kept=written,
                   trouble=trouble)  # fmt: skip


def _places(world: World) -> list[Place]:
    home = world.home
    places = {
        "Home": home.root,
        "Engine's database": home.engine_database,
        "Projects": home.root / "projects",
        "Skills": home.skills,
        "Skill store": home.skill_store,
        "Agents": home.agents,
        "Settings": home.settings,
        "Views and snoozes": home.desk,
        "Log": home.log,
        "Trash": home.skill_trash,
        "Token for metrics": home.token,
    }
    found = [Place(name=name, path=str(path), there=path.exists()) for name, path in places.items()]
    own = world.database == str(home.database)
    there = home.database.exists() if own else True
    found.insert(1, Place(name="Database", path=world.database, there=there))
    return found
