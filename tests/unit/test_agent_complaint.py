"""What an agent's error means for its run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sps.adapters.agent_acp.complaint import judge, retry_time
from sps.model.run import Outcome

NOW = 1_800_000_000_000


@pytest.mark.parametrize(
    "code, message, data, outcome",
    [
        (-32000, "block failed: login with api key", {"kind": "agent-failure"}, Outcome.FAILED),
        (-32000, "Authentication required", None, Outcome.LOGIN),
        (-32000, "Please run /login", None, Outcome.LOGIN),
        (-32603, "Internal error", {"details": "Invalid API key"}, Outcome.LOGIN),
        (-32000, "quota exceeded for your account", None, Outcome.RATE_LIMIT),
        (-32603, "Internal error", {"status": 429}, Outcome.RATE_LIMIT),
        (-32603, "Too Many Requests", None, Outcome.RATE_LIMIT),
        (-32603, "Internal error", {"details": "the model is confused"}, Outcome.FAILED),
        (-32602, "Invalid params", None, Outcome.PROTOCOL),
        (-32601, "Method not found", None, Outcome.PROTOCOL),
    ],
)
def test_errors_of_a_prompt(code: int, message: str, data: object, outcome: Outcome) -> None:
    assert judge(code, message, data, now=NOW, prompted=True).outcome is outcome


def test_error_before_the_prompt_is_no_failure_of_the_work() -> None:
    ending = judge(-32603, "no config", None, now=NOW, prompted=False)
    assert (ending.outcome, ending.detail) == (Outcome.PROTOCOL, "no config (code -32603)")


@pytest.mark.parametrize(
    "text, seconds",
    [
        ("retry after 30 seconds", 30),
        ("Please try again in 20s.", 20),
        ("try again in 5 minutes", 300),
        ("try again in 1.5h", 5400),
        ('{"retryAfter": 7}', 7),
        ('{"retry-after": "8"}', 8),
        ('{"retry_after_ms": 1500}', 1.5),
        ("limit resets at 2027-01-15T08:01:00Z", 60),
        ('{"resetsAt": 1800000600}', 600),
        ('{"resetsAt": 1800000600000}', 600),
        ("retry after 2020-01-01T00:00:00Z", None),
        ("retry after 9999999 hours", None),
        ("no time at all", None),
    ],
)
def test_time_to_try_again(text: str, seconds: float | None) -> None:
    assert retry_time(text, NOW) == (0 if seconds is None else NOW + int(seconds * 1000))


@given(st.text(max_size=300), st.recursive(st.none() | st.text(), st.lists))
def test_no_error_is_too_odd(message: str, data: object) -> None:
    ending = judge(1, message, data, now=NOW, prompted=True)
    assert ending.retry_at == 0 or ending.retry_at > NOW


def test_long_messages_are_judged_quickly_and_shown_short() -> None:
    ending = judge(
        0, "retry again wait " * 100_000, {"a": ["retry"] * 10_000}, now=NOW, prompted=True
    )
    assert len(ending.detail) <= 500
