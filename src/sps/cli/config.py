"""`sps config`: the settings of the home."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from sps.cli.frame import Frame, changing, reading
from sps.cli.lazy_group import Entry, LazyGroup
from sps.cli.table import table

if TYPE_CHECKING:
    from sps.services.settings import Change, Setting, SettingsView

_HERE = "sps.cli.config"

config = LazyGroup(
    "config",
    entries={
        "list": Entry(f"{_HERE}:list_", "every setting, its value and where it comes from"),
        "set": Entry(f"{_HERE}:set_", "change one setting"),
        "reset": Entry(f"{_HERE}:reset", "give one setting its default again"),
    },
    help="The settings of this home. Options and variables overrule what the file says.",
)


@click.command("list")
@reading
def list_(frame: Frame) -> None:
    """List every setting with its value, its default and where the value comes from."""
    from sps.services.settings import settings

    with frame.world() as world:
        found = settings(world, os.environ)
    frame.show(found, _list_text)


def _list_text(found: SettingsView) -> str:
    rows = [
        (one.key.name, f"{one.value}{one.key.unit and ' ' + one.key.unit}", one.key.default,
         _source(one), one.key.says)
        for one in found.settings
    ]  # fmt: skip
    text = table(("NAME", "VALUE", "DEFAULT", "SOURCE", "WHAT IT IS"), rows)
    notes = [found.broken] if found.broken else []
    notes += [f"{one.key.name}: {one.trouble}" for one in found.settings if one.trouble]
    notes += [f"{found.file} names what is no setting: {name}" for name in found.unknown]
    return "\n".join([text, *notes])


def _source(one: Setting) -> str:
    return one.source.value if one.source.value in ("default", "file") else one.where


@click.command("set")
@click.argument("name")
@click.argument("value")
@changing
def set_(frame: Frame, name: str, value: str) -> None:
    """Change one setting."""
    _changed(frame, name, value)


@click.command("reset")
@click.argument("name")
@changing
def reset(frame: Frame, name: str) -> None:
    """Give one setting its default again."""
    _changed(frame, name, "")


def _changed(frame: Frame, name: str, value: str) -> None:
    from sps.services.settings import change_settings

    with frame.world() as world:
        done = change_settings(world, {name: value})
    frame.show(done, lambda made: _text(name, made))


def _text(name: str, made: list[Change]) -> str:
    if not made:
        return f"{name} is that already"
    one = made[0]
    later = "" if one.effect == "now" else "; it counts when the daemon starts the next time"
    return f"{name}: {one.old} -> {one.new}{later}"
