"""`sps skill add`."""

from __future__ import annotations

import click

from sps.cli.frame import Frame, changing
from sps.cli.skill.here import answer, names_argument, scope, source_option


@click.command("add")
@names_argument
@click.option("--copy", is_flag=True, help="A copy instead of a link.")
@click.option("--gitignore", is_flag=True, help="Write .gitignore, not .git/info/exclude.")
@click.option("--agent", "agents", multiple=True, metavar="A",
              help="Place it in this agent's own folder too.")  # fmt: skip
@source_option
@changing
def add(
    frame: Frame,
    *,
    names: tuple[str, ...],
    copy: bool,
    gitignore: bool,
    agents: tuple[str, ...],
    source: str | None,
) -> int:
    """Put skills into this repository: into skills.lock, and a link into the folders that agents
    read. A skill is one of your own, one of the store that you trust, or a bundled one."""
    from sps.services.skills.add import Adding, add_skills

    how = Adding(copy=copy, shared=gitignore, source=source, agents=agents)
    with scope(frame) as where:
        found = add_skills(where, names, how)
    return answer(frame, found)
