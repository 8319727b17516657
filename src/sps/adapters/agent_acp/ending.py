"""How a session ends: the first reason that is given is the one that counts."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from sps.model.run import Outcome


@dataclass(frozen=True)
class Ending:
    """An outcome and what a person should read about it. `retry_at` in milliseconds, 0 unknown;
    `reason` is a reason code that says more than the outcome, `next` a command."""

    outcome: Outcome
    detail: str = ""
    retry_at: int = 0
    reason: str = ""
    next: str = ""


class Stop:
    """A session's reason to stop, set at most once from wherever it is noticed."""

    def __init__(self) -> None:
        self._ending: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()

    @property
    def ending(self) -> Ending | None:
        """The reason, None as long as there is none."""
        return self._ending.result() if self._ending.done() else None

    @property
    def future(self) -> asyncio.Future[Ending]:
        """Done as soon as there is a reason."""
        return self._ending

    def set(self, outcome: Outcome, detail: str) -> None:
        """Give a reason; later ones change nothing."""
        if not self._ending.done():
            self._ending.set_result(Ending(outcome, detail))
