"""`sps skill freeze` and `unfreeze`."""

from __future__ import annotations

import click

from sps.cli.frame import Frame, changing
from sps.cli.skill.here import answer, names_argument, scope


@click.command("freeze")
@names_argument
@changing
def freeze(frame: Frame, names: tuple[str, ...]) -> int:
    """Turn links into copies of this repository: commit and edit them as you like.

    For a skill that is frozen already, its edits become what `ci` expects.
    """
    from sps.services.skills.freeze import freeze_skills

    with scope(frame) as where:
        found = freeze_skills(where, names)
    return answer(frame, found)


@click.command("unfreeze")
@names_argument
@click.option("--discard", is_flag=True, help="Give edits up: the copy goes to the trash.")
@changing
def unfreeze(frame: Frame, names: tuple[str, ...], discard: bool) -> int:
    """Turn copies of this repository into links again. An edited copy is refused."""
    from sps.services.skills.freeze import unfreeze_skills

    with scope(frame) as where:
        found = unfreeze_skills(where, names, discard=discard)
    return answer(frame, found)
