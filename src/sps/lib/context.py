"""What is known about the work in hand, by value: every log line says it, and so do events.

Kept apart from the log itself, which is slow to import.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from contextvars import ContextVar

_bound: ContextVar[dict[str, str]] = ContextVar("bound", default={})  # noqa: B039 - never mutated
_REQUEST = re.compile(r"[A-Za-z0-9_-]{8,64}\Z")


@contextlib.contextmanager
def bound(**fields: str) -> Iterator[None]:
    """Add fields to every line that is logged inside, in tasks and threads begun there too."""
    token = _bound.set({**_bound.get(), **fields})
    try:
        yield
    finally:
        _bound.reset(token)


def fields() -> dict[str, str]:
    """Return what is bound here. Not to be changed."""
    return _bound.get()


def request_id(given: str | None) -> str | None:
    """Return an id that came from outside, None when it is not fit to be repeated anywhere."""
    return given if given and _REQUEST.match(given) else None


def request_mark() -> dict[str, str]:
    """Return what the payload of an event says about the call that caused it."""
    request = _bound.get().get("request_id")
    return {"request": request} if request else {}
