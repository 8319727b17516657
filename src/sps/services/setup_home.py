"""Making a home, and saying what is there to work with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sps.model.pipeline import SandboxMode
from sps.services.agents import AgentView, list_agents
from sps.services.init_project import FALLBACK_AGENT, PREFERRED_AGENTS
from sps.services.setup.record import load

if TYPE_CHECKING:
    from sps.ports.world import World


class SandboxView(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the sandbox works here; if not, why, and the command that helps."""

    ok: bool
    cause: str
    command: str


class SetUp(msgspec.Struct, frozen=True, kw_only=True):
    """A home that is ready. `next` is what to type, `then` what to type after that, if anything."""

    home: str
    agents: list[AgentView]
    sandbox: SandboxView
    projects: int
    next: str
    then: str = ""
    agent: str | None = None  #: of new projects, as its owner chose
    wrote: list[str] = []


def set_up(world: World) -> SetUp:
    """Make the home's database and look around. Again, nothing that is there is changed."""
    projects = world.store.read(lambda tx: tx.projects())
    probe = world.sandbox(SandboxMode.AUTO).probe()
    following = "sps status" if projects else "sps project init NAME --repo PATH --gates detected"
    agents, chosen = list_agents(world).agents, load(world.home).agent
    login = _login(agents, chosen)
    return SetUp(
        home=str(world.home.root),
        agents=agents,
        sandbox=SandboxView(ok=probe.ok, cause=probe.cause, command=probe.command),
        projects=len(projects),
        next=login or following,
        then=following if login else "",
        agent=chosen,
    )


def _login(agents: list[AgentView], chosen: str | None) -> str:
    """Return the login without which no agent that understands prose can work on a project."""
    here = [one for one in agents if one.ok and one.name != FALLBACK_AGENT]
    of_projects = [one for one in here if one.name == chosen] or here
    if not of_projects or any(one.logged_in for one in of_projects):
        return ""
    preferred = [one for one in of_projects if one.name in PREFERRED_AGENTS]
    return f"sps agent login {(preferred or of_projects)[0].name}"
