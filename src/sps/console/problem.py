"""What went wrong, as RFC 9457 says it: for programs as a document, for people as a page."""

from __future__ import annotations

import msgspec

from sps.console import runbooks
from sps.model.errors import Absent, Held, Misuse, NewerData, SpsError, Stale, WorkFailed

KIND = "application/problem+json"
_MISSING = ("unknown-", "no-such-")
_CONFLICTS = frozenset({"idempotency-conflict", "already-done", "still-going", "not-waiting"})
_GONE = frozenset({"no-change", "no-pipeline-offered", "no-runs", "not-found"})


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """An error. `code` is stable; `next` is what to do; `runbook` is the path of the page about the
    code."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    next: str = ""
    where: str = ""
    request_id: str = ""
    runbook: str = ""


class Outdated(Problem, frozen=True, kw_only=True):
    """A card that is another one by now: its version and state, to decide anew."""

    version: int
    state: str


def of(error: SpsError, request_id: str) -> Problem:
    """Describe an error."""
    return Problem(
        type=f"urn:sps:error:{error.code}",
        title=error.code.replace("-", " "),
        status=status_of(error),
        detail=error.message,
        code=error.code,
        next=error.hint,
        where=error.where,
        request_id=request_id,
        runbook=runbooks.address(error.code),
    )


def plain(status: int, code: str, detail: str, request_id: str = "", *, hint: str = "") -> Problem:
    """Describe a refusal that no service made."""
    return Problem(
        type=f"urn:sps:error:{code}",
        title=code.replace("-", " "),
        status=status,
        detail=detail,
        code=code,
        next=hint,
        request_id=request_id,
        runbook=runbooks.address(code),
    )


def status_of(error: SpsError) -> int:
    """Return the status: 404 unknown, 409 stale, 422 refused, 503 missing, held or too new."""
    if isinstance(error, Stale):
        return 409
    if error.code == "wrong-verb":
        return 405
    if error.code.startswith(_MISSING) or error.code in _GONE:
        return 404
    if isinstance(error, Misuse):
        return 409 if error.code in _CONFLICTS else 422
    if isinstance(error, WorkFailed):
        return 422
    if isinstance(error, (Absent, Held, NewerData)):
        return 503
    return 500
