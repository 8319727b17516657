"""Gates that are shell commands."""

from __future__ import annotations

from sps.adapters.gate_command.gates import CommandGates

__all__ = ["CommandGates"]
