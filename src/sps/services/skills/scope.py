"""Where a verb of the skill manager works."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sps.model.skills import folders
from sps.model.skills.folders import CANONICAL, AgentFolders

if TYPE_CHECKING:
    from sps.model.skills.lock import SkillsLock
    from sps.ports.world import World
    from sps.services.skills.repository import Repository


@dataclass(frozen=True)
class Scope:
    """A home, a repository, and the user whose agents read skills: home folder and environment."""

    world: World
    repository: Repository
    user: Path
    environment: Mapping[str, str]

    def targets(self, lock: SkillsLock) -> list[str]:
        """Return the folders to place skills in: the canonical one, and those of agents that do
        not read it and are used here or were asked for."""
        found = [CANONICAL]
        for agent in folders.AGENTS:
            own = agent.adapter
            if own is None or not (agent.name in lock.agents or self.used(agent)):
                continue
            if not self.repository.same_folder(own, CANONICAL):
                found.append(own)
        return found

    def used(self, agent: AgentFolders) -> bool:
        """Whether the repository shows that it is worked on with an agent."""
        return any(os.path.lexists(self.repository.root / mark) for mark in agent.marks)

    def user_folders(self, agent: AgentFolders) -> list[Path]:
        """Return an agent's folders in the user's home."""
        found = folders.user_folders(agent, str(self.user), self.environment)
        return [Path(one) for one in found]

    def agents_of_user(self) -> list[AgentFolders]:
        """Return the agents that have a folder in the user's home."""
        return [
            agent for agent in folders.AGENTS
            if any((self.user / mark).is_dir() for mark in agent.home_marks)
            or any(name in self.environment for name in _variables(agent))
        ]  # fmt: skip


def _variables(agent: AgentFolders) -> list[str]:
    return [one[1:].partition("/")[0] for one in agent.user if one.startswith("$")]
