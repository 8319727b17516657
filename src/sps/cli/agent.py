"""`sps agent`: the coding agents this home knows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sps.cli.frame import Frame, changing, reading
from sps.cli.lazy_group import Entry, LazyGroup
from sps.cli.table import table

if TYPE_CHECKING:
    from sps.services.agents import AgentList, AgentView

_HERE = "sps.cli.agent"
_REPLACES = {
    "builtin": "\nit replaces the built-in entry; sps agent remove brings that back",
    "own": "\nit replaces the entry you had before",
}

agent = LazyGroup(
    "agent",
    entries={
        "list": Entry(f"{_HERE}:list_", "list the agents, and which of them work here"),
        "add": Entry(f"{_HERE}:add", "add an agent by the command that starts it"),
        "remove": Entry(f"{_HERE}:remove", "take an agent away that was added"),
        "login": Entry("sps.cli.agent_login:login", "log an agent in"),
        "logout": Entry("sps.cli.agent_login:logout", "forget an agent's login"),
        "doctor": Entry(f"{_HERE}:doctor", "say what is missing for an agent"),
    },
    help="The coding agents this home knows. They speak the Agent Client Protocol.",
)


@click.command("list")
@reading
def list_(frame: Frame) -> None:
    """List the agents, and which of them work on this machine."""
    from sps.services.agents import list_agents

    with frame.world(create=True) as world:
        found = list_agents(world)
    frame.show(found, _list_text)


def _list_text(found: AgentList) -> str:
    rows = [
        (one.name, _standing(one), one.version or one.pinned, one.title) for one in found.agents
    ]
    return table(("AGENT", "", "VERSION", "WHAT"), rows)


def absent(one: AgentView) -> str:
    """Say in few words why an agent does not work here."""
    if one.instead:
        return f"not here: {Path(one.command[0]).name} is that of {one.instead}"
    return "not here" if one.cure == one.install else "does not work"


def _standing(one: AgentView) -> str:
    if not one.ok:
        return absent(one)
    return "ready" if one.logged_in else "not logged in"


@click.command("add")
@click.argument("name")
@click.argument("command", nargs=-1, required=True)
@changing
def add(frame: Frame, name: str, command: tuple[str, ...]) -> None:
    """Add an agent: sps agent add NAME -- COMMAND ARGUMENTS."""
    from sps.services.agents import add_agent

    with frame.world(create=True) as world:
        done = add_agent(world, name, command)
    frame.show(
        done,
        lambda one: (
            f"{one.name} is added: {' '.join(one.command)}"
            + _REPLACES.get(one.replaces, "")
            + ("" if one.ok else f"\nwarning: {one.cause}")
        ),
    )


@click.command("remove")
@click.argument("name")
@changing
def remove(frame: Frame, name: str) -> None:
    """Take an agent away that was added with sps agent add."""
    from sps.services.agents import remove_agent

    with frame.world() as world:
        done = remove_agent(world, name)
    frame.show(
        done,
        lambda one: (
            f"{one.name} is removed"
            + ("; the built-in entry is in force again" if one.builtin else "")
        ),
    )


@click.command("doctor")
@click.argument("name", required=False)
@reading
def doctor(frame: Frame, name: str | None) -> int:
    """Say what is missing for all agents, or for one. Exits with 3 when the named one does not
    work."""
    from sps.services.agents import list_agents

    with frame.world(create=True) as world:
        found = list_agents(world, name)
    frame.show(found, _doctor_text)
    return 3 if name and not found.agents[0].ok else 0


def _doctor_text(found: AgentList) -> str:
    lines: list[str] = []
    for one in found.agents:
        standing = f"ready {one.version}".strip() if one.ok else one.cause
        lines.append(f"{one.name}: {standing}")
        if not one.ok and one.cure:
            lines.append(f"  next: {one.cure}")
        if one.ok and one.cause:
            lines.append(f"  {one.cause}")
        if one.ok or one.logged_in:
            lines.append(f"  {one.login}")
        if one.ok and not one.logged_in:
            lines.append(f"  next: sps agent login {one.name}")
        if one.entry:
            lines.append(f"  its entry: {one.entry}")
        if one.ok and not one.reports_usage:
            lines.append("  it reports no usage: only time bounds what it may cost")
    return "\n".join(lines)
