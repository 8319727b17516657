"""What an agent may write and spend."""

from __future__ import annotations

import asyncio

import pytest

from sps.adapters.agent_acp.ending import Stop
from sps.adapters.agent_acp.flood import TOTAL_BYTES, Meter
from sps.adapters.agent_acp.frames import Money
from sps.adapters.agent_acp.spend import Spend
from sps.model.run import Outcome, Usage
from sps.ports.agent import BudgetLeft
from tests.contract.agent_room import Remembering


def test_sustained_rate_is_bounded_and_a_burst_is_not() -> None:
    meter = Meter(0.0)
    assert not any(meter.line(100, 0.0) for _ in range(10_000))
    assert meter.line(100, 0.0) == "more than 1000 messages a second"
    assert not any(meter.line(100, 1 + at / 1000) for at in range(5000))


def test_clock_that_goes_back_gives_no_tokens() -> None:
    meter = Meter(100.0)
    for _ in range(10_000):
        meter.line(1, 100.0)
    assert meter.line(1, 0.0)


def test_all_bytes_are_bounded() -> None:
    meter = Meter(0.0)
    assert meter.line(TOTAL_BYTES, 1.0) == ""
    assert meter.line(1, 2.0) == "more than 256 MiB of messages"


class Till:
    """A spend with its stop and listener."""

    def __init__(self, **left: float) -> None:
        self.stop = Stop()
        self.listener = Remembering()
        self.spend = Spend(BudgetLeft(**left), self.listener, self.stop)


def in_loop(scenario: object) -> None:
    async def run() -> None:
        scenario()

    asyncio.run(run())


def test_reports_within_a_turn_and_at_its_end_are_not_added_twice() -> None:
    def scenario() -> None:
        till = Till()
        till.spend.running(100, None)
        till.spend.running(80, None)
        assert till.spend.usage.total_tokens == 100
        till.spend.finished(250, (200, 50))
        till.spend.running(120, None)
        assert till.spend.usage.total_tokens == 370
        till.spend.finished(None, (0, 0))
        assert till.spend.usage == Usage(input_tokens=200, output_tokens=50, total_tokens=370)
        assert till.listener.usages[-1] == till.spend.usage

    in_loop(scenario)


def test_cost_of_a_resumed_session_counts_from_here() -> None:
    def scenario() -> None:
        till = Till(usd=1.0)
        till.spend.replayed(Money(5.0, "USD"))
        till.spend.running(None, Money(5.5, "USD"))
        assert till.spend.usage.cost_usd == pytest.approx(0.5)
        assert till.stop.ending is None

    in_loop(scenario)


@pytest.mark.parametrize(
    "money", [Money(-5.0, "USD"), Money(5.0, "EUR"), Money(float("inf"), "USD")]
)
def test_money_that_is_none_does_not_count(money: Money) -> None:
    def scenario() -> None:
        till = Till(usd=1.0)
        till.spend.running(-7, money)
        assert till.spend.usage == Usage()
        assert till.stop.ending is None

    in_loop(scenario)


def test_crossing_a_budget_stops_once() -> None:
    def scenario() -> None:
        till = Till(tokens=100, usd=1.0)
        till.spend.running(100, Money(1.0, "USD"))
        assert till.stop.ending is None
        till.spend.finished(101, (1, 1))
        till.spend.running(0, Money(9.0, "USD"))
        assert till.stop.ending is not None
        assert till.stop.ending.outcome is Outcome.BUDGET
        assert till.stop.ending.detail == "101 tokens used, 100 were left"

    in_loop(scenario)
