"""The ways in which a card can tell the agent to misbehave, to test those who supervise agents."""

from __future__ import annotations

import os
import time

from sps.scripted.errors import RefusedTurnError, StepFailedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    from sps.scripted.session import Session

_CRASH_CODE = 70
_FLOOD_TEXT = "flood " * 10_000
_GARBAGE = [
    b"this is not JSON",
    b"42",
    b"[1, 2]",
    b'"text"',
    b"null",
    b'{"jsonrpc": "2.0", "id": 1, "resu',
    b"\xff\xfe\x80 not UTF-8",
    b'{"jsonrpc": "2.0", "id": 987654321, "result": {}}',
]
_GARBAGE_LINES = 200
_LONGEST_HANG = 86_400.0  # seconds
_LOOK_AROUND = 0.5  # seconds


def misbehave(session: Session, kind: str) -> NoReturn:
    """Fail in the given way; raises RefusedTurnError to refuse, else it never returns."""
    if kind == "refuse":
        raise RefusedTurnError
    if kind == "crash":
        os._exit(_CRASH_CODE)
    fault = _FAULTS.get(kind)
    if fault is None:
        known = ", ".join(["crash", "refuse", *_FAULTS])
        raise StepFailedError(f"fail: unknown kind {kind[:40]!r} (known: {known})")
    fault(session)
    wait_for_orphanhood()
    os._exit(_CRASH_CODE)


def wait_for_orphanhood() -> None:
    """Hang, but not longer than the process that started this one lives."""
    parent = os.getppid()
    deadline = time.monotonic() + _LONGEST_HANG
    while os.getppid() == parent and time.monotonic() < deadline:
        time.sleep(_LOOK_AROUND)


def _hang(session: Session) -> None:
    session.connection.silent = True
    os.write(2, b"hangs, as its card says\n")  # whoever watches knows that nothing more will come


def _garbage(session: Session) -> None:
    session.connection.silent = True
    for number in range(_GARBAGE_LINES):
        session.connection.write(_GARBAGE[number % len(_GARBAGE)] + b"\n")


def _flood(session: Session) -> None:
    while not session.connection.closed:
        session.say(_FLOOD_TEXT)


_FAULTS: dict[str, Callable[[Session], None]] = {
    "hang": _hang,
    "garbage": _garbage,
    "flood": _flood,
}
