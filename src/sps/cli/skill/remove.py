"""`sps skill remove`."""

from __future__ import annotations

import click

from sps.cli.frame import Frame, changing
from sps.cli.skill.here import answer, answer_one, home_option, names_argument, scope, source_option
from sps.model.errors import Misuse


@click.command("remove")
@names_argument
@home_option
@source_option
@changing
def remove(frame: Frame, *, names: tuple[str, ...], in_home: bool, source: str | None) -> int:
    """Take skills out of this repository. Copies go to the trash; the store keeps the skill.

    With --home a skill leaves the store; what a repository uses does not.
    """
    from sps.services.skills.remove import forget_skill, remove_skills

    with scope(frame) as where:
        if not in_home:
            return answer(frame, remove_skills(where, names))
        if len(names) != 1:
            raise Misuse("usage", "--home takes one name", hint="sps skill remove --help")
        return answer_one(frame, forget_skill(where, names[0], source))
