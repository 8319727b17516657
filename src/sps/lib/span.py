"""Names of traces and spans, made from what they are of: the same thing has the same name after
any crash, so nothing has to be stored before it begins."""

from __future__ import annotations

import hashlib


def trace_id(card_id: str) -> str:
    """Return the 32 hex digits of a card's trace."""
    return _digits(f"trace/{card_id}", 32)


def span_id(*parts: str) -> str:
    """Return the 16 hex digits of the span that these parts lead to."""
    return _digits("\0".join(("span", *parts)), 16)


def traceparent(trace: str, span: str) -> str:
    """Return what a child process is told, in the W3C form."""
    return f"00-{trace}-{span}-01"


def _digits(text: str, length: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:length]
