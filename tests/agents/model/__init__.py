"""A model server that follows a script: it lets a real agent work without a real model."""

from __future__ import annotations

from tests.agents.model.server import ModelServer

__all__ = ["ModelServer"]
