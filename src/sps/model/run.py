"""Runs and attempts: who tried what, and how it ended."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from sps.model.reason import AGENT_MISCONFIGURED, LOGIN_REFUSED, VENDOR_UNREACHABLE


class RunKind(StrEnum):
    """What an agent session is for."""

    WORK = "work"
    REVIEW = "review"


class Outcome(StrEnum):
    """How an agent session ended. Only `ENDED` lets its work count."""

    ENDED = "ended"  #: the agent finished its turn
    FAILED = "failed"  #: the agent itself said that it failed
    REFUSED = "refused"  #: the agent refused the task
    CRASHED = "crashed"  #: the process died or closed the connection
    PROTOCOL = "protocol"  #: the agent broke the protocol beyond repair
    FLOOD = "flood"  #: the agent wrote more than any agent may
    TIMEOUT = "timeout"  #: the stage's time was over
    IDLE = "idle-timeout"  #: no sign of life for too long
    CANCELLED = "cancelled"  #: its owner, or a shutdown, stopped it
    BUDGET = "budget"  #: tokens, money or time of the card were used up
    RATE_LIMIT = "rate-limit"  #: the provider asked for patience
    LOGIN = "login-required"  #: the agent has no valid login
    MISSING = "agent-missing"  #: the agent could not be started at all
    INTERRUPTED = "interrupted"  #: the daemon died while it ran


class FailureKind(StrEnum):
    """What a failure costs: the card's attempts, or only time."""

    AGENT = "agent"  #: counts as an attempt
    INFRASTRUCTURE = "infrastructure"  #: same attempt again, after a backoff
    LIMIT = "limit"  #: same attempt again, after the reset time
    HUMAN = "human"  #: nothing helps but a person
    NONE = "none"


FAILURES: dict[Outcome, FailureKind] = {
    Outcome.ENDED: FailureKind.NONE,
    Outcome.FAILED: FailureKind.AGENT,
    Outcome.REFUSED: FailureKind.AGENT,
    Outcome.CRASHED: FailureKind.INFRASTRUCTURE,
    Outcome.PROTOCOL: FailureKind.INFRASTRUCTURE,
    Outcome.FLOOD: FailureKind.AGENT,
    Outcome.TIMEOUT: FailureKind.AGENT,
    Outcome.IDLE: FailureKind.AGENT,
    Outcome.CANCELLED: FailureKind.AGENT,  # reported by an agent that nobody cancelled
    Outcome.BUDGET: FailureKind.HUMAN,
    Outcome.RATE_LIMIT: FailureKind.LIMIT,
    Outcome.LOGIN: FailureKind.HUMAN,
    Outcome.MISSING: FailureKind.HUMAN,
    Outcome.INTERRUPTED: FailureKind.INFRASTRUCTURE,
}

#: After these a person helps and the same attempt is made again: it is not used up.
NO_ATTEMPT: frozenset[str] = frozenset(
    {Outcome.LOGIN, Outcome.MISSING, LOGIN_REFUSED, AGENT_MISCONFIGURED, VENDOR_UNREACHABLE}
)


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """What a run cost as far as the agent reports it; None is 'not reported'."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None
    cost_usd: float | None = None


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One agent session of an attempt. `ended_at` 0 means live. Times in milliseconds."""

    id: str
    card_id: str
    project: str
    generation: int
    stage: str
    attempt: int
    kind: RunKind
    agent: str
    worker: str
    workspace: str
    started_at: int
    pid: int = 0
    pid_started: int = (
        0  #: start time of that pid in clock ticks, so that a reused pid is not killed
    )
    session_id: str | None = None
    ended_at: int = 0
    outcome: Outcome | None = None
    detail: str = ""
    usage: Usage = Usage()
