"""The agent kinds that are built in, and those that the owner of a home added."""

from __future__ import annotations

from sps.adapters.agent_registry.registry import AgentRegistry

__all__ = ["AgentRegistry"]
