"""Holding the children of many threads: what they carry, and that all of them end now."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Reins:
    """Shared by who starts children and who may have to end them. While `stop` is set no child
    lives long and none begins; `environment` is put on top of each child's own."""

    stop: threading.Event = field(default_factory=threading.Event)
    environment: dict[str, str] = field(default_factory=dict)

    def take(self, environment: dict[str, str]) -> None:
        """Let children live, and let each carry this."""
        self.environment.clear()
        self.environment.update(environment)
        self.stop.clear()

    def let_go(self) -> None:
        """Let children live that carry nothing."""
        self.take({})
