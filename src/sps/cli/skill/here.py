"""What the skill verbs share: the scope they work in, their common flags, the way they answer."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sps.cli.frame import Frame

if TYPE_CHECKING:
    from sps.services.skills.outcome import Outcome, Outcomes
    from sps.services.skills.scope import Scope

NOT_LOCKED = "this repository's own, not locked"
names_argument = click.argument("names", nargs=-1, required=True, metavar="NAME...")
source_option = click.option(
    "--source", metavar="S", help="Which one, when several have the name: SOURCE or SOURCE//PATH."
)
home_option = click.option(
    "--home", "in_home", is_flag=True, help="In this home, for all cards, not in this repository."
)


@contextlib.contextmanager
def scope(frame: Frame) -> Iterator[Scope]:
    """Give the scope of a call: this home, the repository of the current folder, this user."""
    from sps.services.skills.repository import repository_at
    from sps.services.skills.scope import Scope

    with frame.world(create=True) as world:
        repository = repository_at(Path.cwd(), dry=frame.dry_run)
        yield Scope(world=world, repository=repository, user=Path.home(), environment=os.environ)


def looking(frame: Frame) -> Scope:
    """Return the scope of a call that writes nothing, not even a home."""
    from sps.services.skills.repository import repository_at
    from sps.services.skills.scope import Scope

    repository = repository_at(Path.cwd(), dry=True)
    return Scope(
        world=frame.anywhere(), repository=repository, user=Path.home(), environment=os.environ
    )


def answer(frame: Frame, found: Outcomes) -> int:
    """Show what was done. Return 1 when something was left undone."""
    frame.show(found, lambda one: "\n".join(lines(one.skills)) or "no skills in this repository")
    return 0 if found.ok else 1


def answer_one(frame: Frame, found: Outcome) -> int:
    """Show what was done to one skill."""
    frame.show(found, lambda one: "\n".join(lines([one])))
    return 1 if found.left else 0


def lines(found: list[Outcome]) -> list[str]:
    """Return a line for each skill, and under it what needs attention."""
    told: list[str] = []
    for one in found:
        at = f"@{one.digest[:12]}" if one.digest else ""
        state = f" ({one.state.value})" if one.state is not None else ""
        repaired = one.did == "repaired"
        if repaired:
            state = f" (the edit is in the trash: {', '.join(one.trash)})"
        told.append(f"{one.name}{at}  {one.did}{state}")
        told += [f"  {place}" for place in one.places]
        told += [f"  in the trash: {place}" for place in one.trash if not repaired]
        told += [f"  left: {place or one.name}: {why}" for place, why in one.left.items()]
    return told
