"""Sessions with coding agents over the Agent Client Protocol, on standard input and output."""

from __future__ import annotations

from sps.adapters.agent_acp.agents import AcpAgents

__all__ = ["AcpAgents"]
