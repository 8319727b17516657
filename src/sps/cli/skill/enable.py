"""`sps skill enable` and `disable`."""

from __future__ import annotations

import click

from sps.cli.frame import Frame, changing
from sps.cli.skill.here import answer, answer_one, home_option, names_argument, scope, source_option
from sps.model.errors import Misuse


@click.command("enable")
@names_argument
@home_option
@source_option
@changing
def enable(frame: Frame, *, names: tuple[str, ...], in_home: bool, source: str | None) -> int:
    """Let agents see skills again."""
    return _switch(frame, names, in_home=in_home, source=source, on=True)


@click.command("disable")
@names_argument
@home_option
@source_option
@changing
def disable(frame: Frame, *, names: tuple[str, ...], in_home: bool, source: str | None) -> int:
    """Keep skills from agents without giving them up."""
    return _switch(frame, names, in_home=in_home, source=source, on=False)


def _switch(
    frame: Frame, names: tuple[str, ...], *, in_home: bool, source: str | None, on: bool
) -> int:
    from sps.services.skills.enable import enable_in_home, enable_skills

    with scope(frame) as where:
        if not in_home:
            return answer(frame, enable_skills(where, names, on=on))
        if len(names) != 1:
            raise Misuse("usage", "--home takes one name", hint="sps skill enable --help")
        return answer_one(frame, enable_in_home(where, names[0], source, on=on))
