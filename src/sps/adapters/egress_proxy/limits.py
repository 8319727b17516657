"""How much may pass through the way out of one box."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class EgressLimits:
    """Bounds of one outlet. Times in seconds; `idle` is a connection on which nothing moves either
    way, which a model that thinks needs long; `volume` counts the bytes of all connections."""

    connections: int = 64
    volume: int = 16 * 1024**3
    head: float = 30.0
    connect: float = 30.0
    idle: float = 1800.0
