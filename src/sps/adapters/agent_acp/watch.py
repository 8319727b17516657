"""The deadlines of a session, all in one place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sps.adapters.agent_acp.ending import Stop
from sps.model.run import Outcome
from sps.ports.agent import AgentJob
from sps.ports.clock import Clock

_TICK = 0.5  # seconds; a deadline is noticed at most this late
_LAST_LINES = 1.0  # seconds between an agent's end and the end of its output


class Watch:
    """Gives a reason to stop when a session, a request or the agent's silence lasts too long."""

    def __init__(self, job: AgentJob, clock: Clock, stop: Stop) -> None:
        self._clock = clock
        self._stop = stop
        self._idle = job.idle_timeout
        now = clock.steady()
        self._heard_at = now
        self._limits: dict[str, tuple[float, Outcome]] = {
            f"the stage's time of {job.timeout:g} s is over": (now + job.timeout, Outcome.TIMEOUT)
        }
        if job.budget.seconds is not None:
            says = f"the card's time is used up ({job.budget.seconds:g} s were left)"
            self._limits[says] = (now + job.budget.seconds, Outcome.BUDGET)

    def heard(self) -> None:
        """Note a sign of life."""
        self._heard_at = self._clock.steady()

    @contextmanager
    def limit(self, request: str, seconds: float) -> Iterator[None]:
        """Bound what happens inside: an agent that does not answer breaks the protocol."""
        says = f"no answer to {request} within {seconds:g} s"
        self._limits[says] = (self._clock.steady() + seconds, Outcome.PROTOCOL)
        try:
            yield
        finally:
            del self._limits[says]

    async def run(self, alive: Callable[[], bool]) -> None:
        """Look at the clock until there is a reason to stop. `alive` tells of the agent's process:
        one that is gone while something else holds its output open would never be noticed."""
        gone_at: float | None = None
        while self._stop.ending is None:
            now = self._clock.steady()
            if not alive():
                gone_at = now if gone_at is None else gone_at
                if now - gone_at >= _LAST_LINES:
                    self._stop.set(Outcome.CRASHED, "the agent's process ended")
            self._look(now)
            await self._clock.sleep(min(_TICK, max(0.01, self._next() - now)))

    def _next(self) -> float:
        return min(self._heard_at + self._idle, *(when for when, _ in self._limits.values()))

    def _look(self, now: float) -> None:
        for says, (when, outcome) in sorted(self._limits.items(), key=lambda item: item[1][0]):
            if now >= when:
                self._stop.set(outcome, says)
        if now - self._heard_at >= self._idle:
            self._stop.set(Outcome.IDLE, f"no sign of life for {self._idle:g} s")
