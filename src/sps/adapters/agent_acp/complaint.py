"""What the error of an agent's answer means for the run."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import msgspec

from sps.adapters.agent_acp.ending import Ending
from sps.adapters.agent_acp.updates import short
from sps.model.reason import LOGIN_REFUSED
from sps.model.run import Outcome

_AUTH_REQUIRED = -32000
_PROTOCOL_CODES = frozenset({-32700, -32600, -32601, -32602})
_LOGIN = re.compile(
    r"\bauth|log ?in\b|logged (in|out)|sign in|credential|api.?key|\bunauthori[sz]ed|\b401\b",
    re.IGNORECASE,
)
# Without the code that the protocol has for it, only words that mean nothing else count.
_SURE_LOGIN = re.compile(
    r"authentication.(required|error|failed)|not logged in|please (log|sign) ?in"
    r"|(invalid|incorrect).(x-)?api.?key|\bunauthori[sz]ed|\b(status|http|code)\W{1,4}401\b",
    re.IGNORECASE,
)
# The vendor was asked and said no: logging in again with the same key leads nowhere.
_REFUSED = re.compile(
    r"\b401\b|\bunauthori[sz]ed|(invalid|incorrect|expired|revoked).{1,3}(x-)?(api.?key|token|auth)",
    re.IGNORECASE,
)
_STATUS = re.compile(r"\b401\b")
_LIMIT = re.compile(
    r"\b429\b|rate.?limit|\bquota\b|too many requests|(usage|session|weekly).limit"
    r"|resource.?exhausted|overloaded",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"(?:retry|again|wait|reset)([^0-9]{0,30})(\d{1,7}(?:\.\d{1,6})?)(?![\d:-])\s*([a-z]{0,12})",
    re.IGNORECASE,
)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)?")
_EPOCH = re.compile(r"\b(1[5-9]\d{8}|2\d{9})(\d{3})?\b")
_UNITS = {"ms": 1, "mi": 60_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_WORDS = ("message", "details", "detail", "error")
_LONGEST = 8 * 24 * 3600 * 1000  # milliseconds; a later time is not believed


def judge(code: int, message: str, data: object, *, now: int, prompted: bool) -> Ending:
    """Judge an error. `now` in milliseconds; `prompted` says that it answers a prompt."""
    if isinstance(data, dict) and data.get("kind") == "agent-failure":
        return Ending(Outcome.FAILED, short(message, 500))
    says = _says(message, data)
    text = f"{message[:4000]} {_text(data)}"
    if _LIMIT.search(text):
        return Ending(Outcome.RATE_LIMIT, says, retry_time(text, now))
    if (code == _AUTH_REQUIRED and _LOGIN.search(text)) or _SURE_LOGIN.search(text):
        return _without_login(says, text)
    if prompted and code not in _PROTOCOL_CODES:
        return Ending(Outcome.FAILED, says)
    return Ending(Outcome.PROTOCOL, f"{says} (code {code})")


def _without_login(says: str, text: str) -> Ending:
    """Tell a login that is not there from one that its vendor does not take."""
    if not _REFUSED.search(text):
        return Ending(Outcome.LOGIN, says)
    status = " (401)" if _STATUS.search(text) else ""
    says = f"the vendor refused the key or login{status}: {says}"
    return Ending(Outcome.LOGIN, says, reason=LOGIN_REFUSED)


def _says(message: str, data: object) -> str:
    """Return the agent's words, with those that its vendor gave it."""
    given = data
    if isinstance(data, dict):
        given = next((data[key] for key in _WORDS if isinstance(data.get(key), str)), "")
    more = given if isinstance(given, str) and given not in message else ""
    return short(f"{message}: {more}" if more else message, 500)


def retry_time(text: str, now: int) -> int:
    """Return the time (milliseconds) from which trying again makes sense, 0 when none is named."""
    for found in _moments(text, now):
        if now < found <= now + _LONGEST:
            return found
    return 0


def _moments(text: str, now: int) -> list[int]:
    found: list[int] = []
    for match in _MOMENT.finditer(text):
        stamp = match.group().replace("Z", "+00:00")
        try:
            moment = datetime.fromisoformat(stamp)
        except ValueError:
            continue
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        found.append(int(aware.timestamp() * 1000))
    found += [int(match.group(1)) * 1000 for match in _EPOCH.finditer(text)]
    for gap, number, unit in _AFTER.findall(text):
        found.append(now + int(float(number) * _factor(gap.lower(), unit.lower())))
    return found


def _factor(gap: str, unit: str) -> int:
    """Return the milliseconds of a unit, which JSON may have in the name before the number."""
    if re.search(r"_ms\b|ms\"|milli", gap) or unit.startswith(("ms", "milli")):
        return 1
    return _UNITS.get(unit[:2], _UNITS.get(unit[:1], 1000))


def _text(data: object) -> str:
    try:
        return msgspec.json.encode(data)[:4000].decode(errors="replace")
    except (TypeError, ValueError, RecursionError):
        return ""
