"""The circuit breaker of an agent kind."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sps.flow.breaker import PATIENCE_MS, admits, after, closed_until, probing
from sps.model.run import Outcome
from sps.ports.store import Breaker


def after_all(outcomes: list[Outcome], breaker: Breaker | None = None, now: int = 1000) -> Breaker:
    state = breaker or Breaker(kind="x")
    for outcome in outcomes:
        state = after(state, outcome, now)
    return state


def test_a_breaker_opens_when_most_of_at_least_five_sessions_crashed() -> None:
    assert after_all([Outcome.CRASHED] * 4).state == "closed"
    opened = after_all([Outcome.CRASHED] * 5)
    assert opened.state == "open"
    assert not admits(opened, 1000)
    assert admits(opened, opened.until)


def test_a_breaker_that_a_clock_ahead_opened_keeps_nobody_away_until_then() -> None:
    opened = after_all([Outcome.CRASHED] * 5, now=10**9)
    assert not admits(opened, 10**9 - 1000)
    assert admits(opened, 10**6)
    assert closed_until(opened, 10**6) == 10**6


def test_failures_of_the_work_itself_never_open_it() -> None:
    assert after_all([Outcome.FAILED] * 50).state == "closed"
    assert after_all([Outcome.CANCELLED, Outcome.INTERRUPTED] * 50).recent == ()


def test_who_is_out_of_quota_is_asked_again_when_there_is_some() -> None:
    limited = after(Breaker(kind="a"), Outcome.RATE_LIMIT, 1000, retry_at=9000)
    assert (admits(limited, 8999), admits(limited, 9000)) == (False, True)
    assert (closed_until(limited, 8999), closed_until(limited, 9001)) == (9000, 9001)
    far = after(Breaker(kind="a"), Outcome.RATE_LIMIT, 1000, retry_at=10**12)
    assert admits(far, 1000 + 3_600_000)
    unknown = after(Breaker(kind="a"), Outcome.RATE_LIMIT, 1000)
    assert closed_until(unknown, 1000) == 1000 + PATIENCE_MS
    assert after(probing(limited, 9000), Outcome.ENDED, 9500) == Breaker(kind="a")


def test_a_due_breaker_lets_one_probe_through_and_holds_the_next_back() -> None:
    opened = after_all([Outcome.CRASHED] * 5)
    probe = probing(opened, opened.until)
    assert probe.state == "half-open"
    assert not admits(probe, opened.until)


def test_a_good_probe_closes_and_a_bad_one_opens_for_longer() -> None:
    opened = after_all([Outcome.CRASHED] * 5)
    probe = probing(opened, opened.until)
    assert after(probe, Outcome.ENDED, opened.until).state == "closed"
    again = after(probe, Outcome.CRASHED, opened.until)
    assert again.state == "open"
    assert again.until - again.opened_at >= opened.until - opened.opened_at


@given(st.lists(st.sampled_from(Outcome), max_size=200))
def test_a_breaker_never_waits_longer_than_half_an_hour(outcomes: list[Outcome]) -> None:
    state = Breaker(kind="x")
    now = 0
    for outcome in outcomes:
        now = max(now, state.until)
        state = after(probing(state, now), outcome, now)
        assert state.until - now <= 30 * 60_000
        assert len(state.recent) <= 20
