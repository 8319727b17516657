"""The questions of `sps setup` at a terminal. Each has an answer that changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from sps.cli import ask, screen
from sps.cli.frame import Frame

if TYPE_CHECKING:
    from sps.bootstrap import Wired
    from sps.cli.setup import Wishes
    from sps.services.agents import AgentView


def asked(world: Wired, wishes: Wishes) -> Wishes:
    """Ask what there is to ask, and return it as wishes. Keys are kept at once."""
    from sps.services.agents import list_agents

    agents = [one for one in list_agents(world).agents if one.ok]
    return msgspec.structs.replace(
        wishes, agent=_agent(world, agents), skills=_skills(), rules=_rules(Path.cwd())
    )


def _agent(world: Wired, agents: list[AgentView]) -> str | None:
    """Choose the agent of new projects, and offer to keep a key for it."""
    from sps.services.init_project import PREFERRED_AGENTS
    from sps.services.setup import record as records

    names = [one.name for one in agents]
    if len(names) < 2:
        return None
    kept = records.load(world.home).agent
    best = next((name for name in PREFERRED_AGENTS if name in names), names[0])
    chosen = ask.choice(
        "Which agent shall new projects use?", names, kept if kept in names else best
    )
    _login(world, next(one for one in agents if one.name == chosen))
    return chosen


def _login(world: Wired, agent: AgentView) -> None:
    keys = world.registry.kind(agent.name).keys
    if agent.logged_in or not keys:
        return
    screen.err(f"{agent.name} is {agent.login}. Its own login: sps agent login {agent.name}")
    value = ask.secret(f"Or a key for {keys[0]}, kept in this home with mode 0600 (empty: none)")
    if value:
        from sps.cli.setup_steps import key_at_terminal

        key_at_terminal(Frame(as_json=False), world, agent.name, value)


def _skills() -> tuple[str, ...]:
    question = (
        "Link the skills of SPS into the user folders of the agents that you use? They get them"
        " outside of SPS as well."
    )
    return ("all",) if ask.yes(question) else ()


def _rules(folder: Path) -> tuple[str, ...]:
    """Offer rule files of the repository of this folder, if there is one."""
    from sps.services.setup.rules import candidates
    from sps.services.skills.repository import repository_at

    root = repository_at(folder, dry=True).root
    if not (root / ".git").exists():
        return ()
    names = candidates(root)
    question = f"Show a part on cards for {', '.join(names)} in {root}? You then decide on each."
    return tuple(names) if ask.yes(question) else ()
