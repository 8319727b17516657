"""`sps skill sync`."""

from __future__ import annotations

import click

from sps.cli.frame import Frame, changing
from sps.cli.skill.here import answer, scope
from sps.model.errors import Misuse


@click.command("sync")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--user", is_flag=True, help="Link skills into your agents' own user folders.")
@click.option("--agent", "agents", multiple=True, metavar="A", help="With --user: only this one.")
@click.option("--offline", is_flag=True, help="Fetch nothing.")
@click.option("--trust", is_flag=True, help="Trust every digest that skills.lock names.")
@click.option("--gitignore", is_flag=True, help="Write .gitignore, not .git/info/exclude.")
@changing
def sync(
    frame: Frame,
    *,
    names: tuple[str, ...],
    user: bool,
    agents: tuple[str, ...],
    offline: bool,
    trust: bool,
    gitignore: bool,
) -> int:
    """Restore what skills.lock says: exactly the locked contents, and the links to them. What you
    edited is left.

    With --user: link skills of this home, all that are in force or those named, for the agents
    that you use.
    """
    from sps.services.skills.sync import Syncing, sync_repository
    from sps.services.skills.user_sync import sync_user

    if not user and (names or agents):
        says = "names and --agent belong to --user; the lock says what a repository has"
        raise Misuse("usage", says, hint="sps skill add NAME")
    how = Syncing(offline=offline, trust=trust, shared=gitignore)
    with scope(frame) as where:
        found = sync_user(where, names, agents) if user else sync_repository(where, how)
    return answer(frame, found)
