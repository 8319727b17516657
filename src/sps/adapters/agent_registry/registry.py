"""The agent kinds of a home."""

from __future__ import annotations

import os
from pathlib import Path

from sps.adapters.agent_registry.builtin import KINDS
from sps.lib.nearest import suggestion
from sps.model.errors import Misuse
from sps.ports.agent import AgentDoctor, AgentKind


class AgentRegistry:
    """Built-in kinds and the owner's, who may replace a built-in one by its name.

    The owner's file is read at each call, so that an edit counts at once.
    """

    def __init__(self, path: Path) -> None:
        """`path` is the owner's file, which may be absent."""
        self._path = path

    def kinds(self) -> list[AgentKind]:
        """Return all kinds: built-in ones first. Raises `Misuse("bad-agents-file")`."""
        by_name = {kind.name: kind for kind in KINDS}
        by_name.update((kind.name, kind) for kind in self._owned())
        return list(by_name.values())

    def kind(self, name: str) -> AgentKind:
        """Return the kind of that name. Raises `Misuse("unknown-agent")`."""
        by_name = {kind.name: kind for kind in self.kinds()}
        if name not in by_name:
            raise Misuse(
                "unknown-agent",
                f"there is no agent {name!r}{suggestion(name, by_name)}",
                hint="sps agent list",
            )
        return by_name[name]

    def add(self, kind: AgentKind) -> None:
        """Write a kind into the owner's file, atomically. Raises `Misuse`."""
        from sps.adapters.agent_registry.agents_file import AgentsFile

        AgentsFile(self._path).put(kind)

    def remove(self, name: str) -> None:
        """Take an entry out of the owner's file; without effect when it has none of that name."""
        from sps.adapters.agent_registry.agents_file import AgentsFile

        AgentsFile(self._path).take_out(name)

    def origin(self, name: str) -> str:
        """Return where a kind comes from: own, builtin, or nothing when there is none."""
        if any(kind.name == name for kind in self._owned()):
            return "own"
        return "builtin" if any(kind.name == name for kind in KINDS) else "nothing"

    def doctor(self, kind: AgentKind) -> AgentDoctor:
        """Examine a kind on this machine. Nothing is installed, nothing is fetched."""
        from sps.adapters.agent_registry.doctor import examine

        return examine(kind, self._path)

    def namesake(self, kind: AgentKind) -> str:
        """As the port says."""
        from sps.adapters.agent_registry.namesake import namesake

        return namesake(kind)

    def _owned(self) -> list[AgentKind]:
        if not os.path.lexists(self._path):
            return []  # most homes have none, and need not wait for a YAML reader
        from sps.adapters.agent_registry.agents_file import AgentsFile

        return AgentsFile(self._path).read()
