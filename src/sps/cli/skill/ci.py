"""`sps skill ci` and `verify`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sps.cli.frame import Frame, reading
from sps.cli.skill.here import looking

if TYPE_CHECKING:
    from sps.services.skills.ci import Checked


@click.command("ci")
@click.option("--allow-empty", is_flag=True, help="A repository without skills needs no lock.")
@click.option("--allow-foreign", is_flag=True, help="Allow skills that no lock knows.")
@reading
def ci(frame: Frame, *, allow_empty: bool, allow_foreign: bool) -> int:
    """Refuse any difference between skills.lock, the store and the files, and name each one: also
    a missing lock, and skills in the agents' folders that are not locked. Fetches nothing and
    writes nothing."""
    from sps.services.skills.ci import check_strictly

    found = check_strictly(looking(frame), allow_empty=allow_empty, allow_foreign=allow_foreign)
    frame.show(found, lambda one: _text(one, states=False))
    return 0 if found.ok else 1


@click.command("verify")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@reading
def verify(frame: Frame, names: tuple[str, ...]) -> int:
    """Show how each skill of this repository stands, and every difference from skills.lock."""
    from sps.services.skills.ci import check_lock

    found = check_lock(looking(frame), names)
    frame.show(found, lambda one: _text(one, states=True))
    return 0 if found.ok else 1


def _text(found: Checked, *, states: bool) -> str:
    told = [f"{name}  {state.value}" for name, state in found.skills.items()] if states else []
    told += [f"{place}  this repository's own, not locked" for place in found.foreign if states]
    told += [f"{one.name}  {one.kind.value}  {one.path}: {one.says}" for one in found.differences]
    count = len(found.differences)
    told.append(f"{len(found.skills)} skills as locked" if found.ok else f"{count} differences")
    return "\n".join(told)
