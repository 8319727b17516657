"""Waking the daemon: a hint, never a message. The rows are the truth."""

from __future__ import annotations

from typing import Protocol


class Wake(Protocol):
    """Tells a living daemon of this home that rows have changed."""

    def ring(self) -> bool:
        """Ring once, waiting at most 50 ms; False when no daemon answers. Never raises."""
        ...
