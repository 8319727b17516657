"""The circuit breaker of an agent kind: when it keeps failing, cards wait instead of burning."""

from __future__ import annotations

import msgspec

from sps.lib import backoff
from sps.model.run import FAILURES, FailureKind, Outcome
from sps.ports.store import Breaker

_WINDOW = 20
_LEAST = 5
_SHARE = 0.5
PATIENCE_MS = 60_000  #: for a provider that does not say how long
_QUOTA_MS = 3_600_000  # a reset may be days away, and its owner may buy more meanwhile
_COOL_MS = 60_000
_LONGEST_MS = 30 * 60_000


def after(breaker: Breaker, outcome: Outcome, now: int, *, retry_at: int = 0) -> Breaker:
    """Return the breaker after one more session. Only failures of the surroundings count; one that
    is out of quota is asked again at `retry_at` (milliseconds, 0 unknown), or after an hour."""
    kind = FAILURES[outcome]
    if kind is FailureKind.LIMIT:
        until = max(retry_at, now) if retry_at else now + PATIENCE_MS
        until = min(until, now + _QUOTA_MS)
        return msgspec.structs.replace(breaker, state="open", opened_at=now, until=until)
    if outcome in (Outcome.CANCELLED, Outcome.INTERRUPTED):
        return breaker
    good = kind is not FailureKind.INFRASTRUCTURE
    recent = (*breaker.recent, good)[-_WINDOW:]
    if breaker.state == "half-open":
        return _closed(breaker) if good else _open(breaker, recent, now)
    bad = recent.count(False)
    if len(recent) >= _LEAST and bad > len(recent) * _SHARE:
        return _open(breaker, recent, now)
    return msgspec.structs.replace(breaker, recent=recent)


def admits(breaker: Breaker, now: int) -> bool:
    """Whether a session may start now."""
    return breaker.state == "closed" or backoff.over(breaker.until, breaker.opened_at, now)


def closed_until(breaker: Breaker, now: int) -> int:
    """Return the time (milliseconds) from which a session may start, `now` when it may now. A probe
    that runs keeps nobody away from here: whoever asks is one."""
    return now if breaker.state != "open" or admits(breaker, now) else breaker.until


def probing(breaker: Breaker, now: int) -> Breaker:
    """Return the breaker when a session starts: an open one that is due lets one probe through and
    holds the next back until that probe's time is over."""
    if breaker.state == "closed":
        return breaker
    return msgspec.structs.replace(breaker, state="half-open", until=now + _COOL_MS)


def _closed(breaker: Breaker) -> Breaker:
    return Breaker(kind=breaker.kind)


def _open(breaker: Breaker, recent: tuple[bool, ...], now: int) -> Breaker:
    last = breaker.until - breaker.opened_at if breaker.opened_at else 0
    wait = min(_LONGEST_MS, max(_COOL_MS, 2 * last))
    return Breaker(kind=breaker.kind, state="open", recent=recent, opened_at=now, until=now + wait)
