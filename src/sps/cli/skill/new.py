"""`sps skill new`."""

from __future__ import annotations

import click

from sps.cli.frame import Frame, changing
from sps.cli.skill.here import scope


@click.command("new")
@click.argument("name")
@click.option("--description", metavar="D", default="", help="When to use it: Use when ...")
@click.option("--own", is_flag=True, help="In your home, for all repositories.")
@changing
def new(frame: Frame, *, name: str, description: str, own: bool) -> None:
    """Begin a skill: this repository's own, or with --own your own."""
    from sps.services.skills.new import new_skill

    with scope(frame) as where:
        found = new_skill(where, name, own=own, description=description)
    place = found.places[0]
    lock = "" if own else f", then sps skill freeze {name}"
    frame.show(found, lambda _: f"{place}/SKILL.md\n  next: sps skill lint {place}{lock}")
