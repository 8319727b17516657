"""The agents this home knows, and whether they work on this machine."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import msgspec

from sps.model.errors import Misuse
from sps.ports.agent import AgentDoctor, AgentKind
from sps.services.agent_login import login_words

if TYPE_CHECKING:
    from sps.ports.world import World

_SCRIPTED = "scripted"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


class AgentView(msgspec.Struct, frozen=True, kw_only=True):
    """An agent kind. `ok`: it was found and answers; else `cause`, and `command` that helps."""

    name: str
    title: str
    command: list[str]
    ok: bool
    version: str
    cause: str
    cure: str
    reports_usage: bool
    login: str  #: how it is logged in, in words
    logged_in: bool
    pinned: str  #: the version that this entry was tested with
    install: str  #: the command that installs it
    instead: str  #: the agent whose program of the same name is here
    entry: str  #: the file in which its entry stands; empty for a built-in one


class AgentList(msgspec.Struct, frozen=True, kw_only=True):
    """All agent kinds of a home."""

    agents: list[AgentView]


def list_agents(world: World, name: str | None = None) -> AgentList:
    """List all agent kinds, or one, and look whether they work here. Raises
    `Misuse("unknown-agent")`."""
    kinds = [world.registry.kind(name)] if name else world.registry.kinds()
    return AgentList(agents=[_view(world, kind) for kind in kinds])


class AddedAgent(AgentView, frozen=True, kw_only=True):
    """An entry of the owner's. `replaces` says what was of that name: builtin, own or nothing."""

    replaces: str


class RemovedAgent(msgspec.Struct, frozen=True, kw_only=True):
    """An entry that is gone. `builtin`: the built-in agent of that name is in force again."""

    name: str
    builtin: bool


def add_agent(world: World, name: str, command: tuple[str, ...]) -> AddedAgent:
    """Add an agent that speaks the Agent Client Protocol over its standard input and output.
    Raises `Misuse` with bad-agent or built-in-agent."""
    if name == _SCRIPTED:
        raise Misuse(
            "built-in-agent", f'"{_SCRIPTED}" is the agent inside SPS and cannot be replaced',
            hint=f"sps agent add my-{_SCRIPTED} -- {' '.join(command) or 'my-agent --acp'}",
        )  # fmt: skip
    if not _NAME.fullmatch(name):
        raise Misuse(
            "bad-agent", f'"{name}" is no agent name: letters, digits and . _ -, at most 63'
        )
    if not command or not command[0].strip():
        raise Misuse(
            "bad-agent", "the command that starts the agent is missing",
            hint=f"sps agent add {name} -- my-agent --acp",
        )  # fmt: skip
    if len(command) == 1 and len(command[0].split()) > 1 and shutil.which(command[0]) is None:
        raise Misuse(
            "bad-agent", f'"{command[0]}" is one word: give the program and its arguments apart',
            hint=f"sps agent add {name} -- {command[0]}",
        )  # fmt: skip
    kind = AgentKind(name=name, title=name, command=command)
    before = world.registry.origin(name)
    world.registry.add(kind)
    shown = _view(world, kind)
    fields = {field: getattr(shown, field) for field in AgentView.__struct_fields__}
    return AddedAgent(**fields, replaces=before)


def remove_agent(world: World, name: str) -> RemovedAgent:
    """Take an entry of the owner's away. Raises `Misuse` with unknown-agent or built-in-agent."""
    world.registry.kind(name)
    if world.registry.origin(name) == "builtin":
        raise Misuse(
            "built-in-agent", f'"{name}" is built in; only agents that were added can be removed',
            hint="sps agent list",
        )  # fmt: skip
    world.registry.remove(name)
    return RemovedAgent(name=name, builtin=world.registry.origin(name) == "builtin")


def obstacle(world: World, name: str, project: str) -> str:
    """Say what keeps an agent from working on a project, and what to type; empty when nothing
    does. Raises `Misuse("unknown-agent")`."""
    if trouble := absence(world, name, project):
        return trouble
    if not world.logins.state(world.registry.kind(name)).ready:
        return f"The agent {name} is not logged in yet (sps agent login {name})."
    return ""


def absence(world: World, name: str, project: str = "") -> str:
    """Say what keeps an agent, logged in or not, from working on this machine, and what to type;
    empty when nothing does. Raises `Misuse("unknown-agent")`."""
    found = world.registry.doctor(world.registry.kind(name))
    if found.ok:
        return ""
    cure = cure_of(found, project) if project else _cure(world, found)
    return f"The agent {name} does not work here yet: {found.cause}" + (
        f" ({cure})." if cure else "."
    )


def cure_of(found: AgentDoctor, project: str) -> str:
    """Return the command that helps a project whose agent does not work here; an empty one: there
    is no project yet."""
    if not found.instead:
        return found.command
    if not project:
        return f"sps agent login {found.instead}"
    return f"sps project set {project} --agent {found.instead}"


def _cure(world: World, found: AgentDoctor) -> str:
    """Return the command for any project; the rows are read only where that makes a difference."""
    some = found.instead and world.store.read(lambda tx: tx.projects())
    return cure_of(found, "PROJECT" if some else "")


def _view(world: World, kind: AgentKind) -> AgentView:
    doctor, state = world.registry.doctor(kind), world.logins.state(kind)
    return AgentView(
        name=kind.name,
        title=kind.title or kind.name,
        command=list(kind.command),
        ok=doctor.ok,
        version=doctor.version,
        cause=doctor.cause,
        cure=_cure(world, doctor) or kind.install,
        reports_usage=kind.reports_usage,
        login=login_words(state),
        logged_in=state.ready,
        pinned=kind.version,
        install=kind.install,
        instead=doctor.instead,
        entry=str(world.home.agents) if world.registry.origin(kind.name) == "own" else "",
    )
