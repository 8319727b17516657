"""Making a home, and saying what is there to work with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sps.model.pipeline import SandboxMode
from sps.services.agents import AgentView, list_agents
from sps.services.setup.record import load

if TYPE_CHECKING:
    from sps.ports.world import World


class SandboxView(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the sandbox works here; if not, why, and the command that helps."""

    ok: bool
    cause: str
    command: str


class SetUp(msgspec.Struct, frozen=True, kw_only=True):
    """A home that is ready. `next` is what to type."""

    home: str
    agents: list[AgentView]
    sandbox: SandboxView
    projects: int
    next: str
    agent: str | None = None  #: of new projects, as its owner chose
    wrote: list[str] = []


def set_up(world: World) -> SetUp:
    """Make the home's database and look around. Again, nothing that is there is changed."""
    projects = world.store.read(lambda tx: tx.projects())
    probe = world.sandbox(SandboxMode.AUTO).probe()
    following = "sps status" if projects else "sps project init NAME --repo PATH"
    return SetUp(
        home=str(world.home.root),
        agents=list_agents(world).agents,
        sandbox=SandboxView(ok=probe.ok, cause=probe.cause, command=probe.command),
        projects=len(projects),
        next=following,
        agent=load(world.home).agent,
    )
