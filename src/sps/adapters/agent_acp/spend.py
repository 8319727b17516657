"""What a session costs, and whether that is too much."""

from __future__ import annotations

import math

from sps.adapters.agent_acp.ending import Stop
from sps.adapters.agent_acp.frames import Money
from sps.model.run import Outcome, Usage
from sps.ports.agent import AgentListener, BudgetLeft


class Spend:
    """Adds up reports over the turns of a session. Numbers only grow.

    While a turn runs, an agent reports how full its context is: at least that many tokens were
    used in this turn. At its end the agent may report the turn's own sum, which then counts.
    """

    def __init__(self, budget: BudgetLeft, listener: AgentListener, stop: Stop) -> None:
        self._budget = budget
        self._listener = listener
        self._stop = stop
        self._finished = 0
        self._turn: int | None = None
        self._input: int | None = None
        self._output: int | None = None
        self._cost: float | None = None
        self._old_cost = 0.0
        self._any_tokens = False
        self._told = Usage()

    @property
    def usage(self) -> Usage:
        """The sum so far; None is 'never reported'."""
        total = self._finished + (self._turn or 0)
        cost = None if self._cost is None else max(0.0, self._cost - self._old_cost)
        return Usage(
            input_tokens=self._input,
            output_tokens=self._output,
            total_tokens=total if self._any_tokens else None,
            cost_usd=cost,
        )

    def replayed(self, cost: Money | None) -> None:
        """Note what an earlier run of a resumed session already cost."""
        amount = _dollars(cost)
        if amount is not None:
            self._old_cost = max(self._old_cost, amount)

    def running(self, used: int | None, cost: Money | None) -> None:
        """Take a report from within a turn."""
        if used is not None and used >= 0:
            self._turn, self._any_tokens = max(self._turn or 0, used), True
        amount = _dollars(cost)
        if amount is not None:
            self._cost = max(self._cost or 0.0, amount)
        self._tell()

    def finished(self, total: int | None, spent: tuple[int, int]) -> None:
        """Take the end of a turn: the sum if the agent gave one, with (input, output) tokens."""
        if total is not None:
            self._input = (self._input or 0) + spent[0]
            self._output = (self._output or 0) + spent[1]
            self._turn, self._any_tokens = max(total, sum(spent)), True
        self._finished += self._turn or 0
        self._turn = None
        self._tell()

    def _tell(self) -> None:
        usage = self.usage
        if usage == self._told:
            return
        self._told = usage
        self._listener.usage(usage)
        tokens, dollars = usage.total_tokens, usage.cost_usd
        if self._budget.tokens is not None and (tokens or 0) > self._budget.tokens:
            says = f"{tokens} tokens used, {self._budget.tokens} were left"
            self._stop.set(Outcome.BUDGET, says)
        if self._budget.usd is not None and (dollars or 0.0) > self._budget.usd:
            says = f"{dollars:.4f} USD used, {self._budget.usd:.4f} were left"
            self._stop.set(Outcome.BUDGET, says)


def _dollars(cost: Money | None) -> float | None:
    if cost is None or cost.currency.upper() != "USD":
        return None
    return cost.amount if math.isfinite(cost.amount) and cost.amount >= 0 else None
