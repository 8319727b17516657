"""Keeps an agent's login out of everything that is written down, by its value."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TypeVar

import msgspec

from sps.model.run import Usage
from sps.ports.agent import AgentListener, AgentReport, Permission
from sps.ports.egress import Refusal

INSTEAD = "[login]"
_Words = TypeVar("_Words", bound=msgspec.Struct)


class Hush:
    """Replaces every value of a login. What it is may change at any moment: it is asked each time.

    It keeps accidents from being written down. An agent that wants to can say it otherwise.
    """

    def __init__(self, secrets: Callable[[], frozenset[str]]) -> None:
        self._secrets = secrets
        self._longest_first = cache(_longest_first)

    def __call__(self, text: str) -> str:
        """Return a text without them."""
        for value in self._longest_first(self._secrets()):
            if value in text:
                text = text.replace(value, INSTEAD)
        return text

    def stream(self, text: bytes) -> tuple[bytes, bytes]:
        """Return a part of a stream without them, and the rest that may be the begin of one: it
        belongs before the next part."""
        values = self._longest_first(self._secrets())
        for value in values:
            text = text.replace(value.encode(), INSTEAD.encode())
        held = max((_begun(text, value.encode()) for value in values), default=0)
        return text[: len(text) - held], text[len(text) - held :]

    def words(self, value: _Words) -> _Words:
        """Return a value whose texts are without them."""
        texts = {
            name: self(text)
            for name in value.__struct_fields__
            if isinstance(text := getattr(value, name), str)
        }
        return msgspec.structs.replace(value, **texts)

    def report(self, report: AgentReport) -> AgentReport:
        """Return a report without them."""
        return msgspec.structs.replace(
            report,
            detail=self(report.detail),
            text=self(report.text),
            session_id=None if report.session_id is None else self(report.session_id),
        )


class Hushed:
    """A listener that hears nothing of the login."""

    def __init__(self, listener: AgentListener, hush: Hush) -> None:
        self._listener = listener
        self.hush = hush

    def started(self, pid: int, started: int) -> None:
        self._listener.started(pid, started)

    def session(self, session_id: str) -> None:
        self._listener.session(self.hush(session_id))

    def permission(self, permission: Permission) -> None:
        self._listener.permission(self.hush.words(permission))

    def refused(self, refusal: Refusal) -> None:
        self._listener.refused(self.hush.words(refusal))

    def tool(self, call_id: str, title: str, kind: str, status: str) -> None:
        self._listener.tool(*map(self.hush, (call_id, title, kind, status)))

    def said(self, text: str) -> None:
        self._listener.said(self.hush(text))

    def usage(self, usage: Usage) -> None:
        self._listener.usage(usage)

    def message(self) -> str | None:
        return self._listener.message()


def _longest_first(values: frozenset[str]) -> list[str]:
    return sorted(values, key=len, reverse=True)


def _begun(text: bytes, value: bytes) -> int:
    """Return how many of a text's last bytes are the begin of a value."""
    most = min(len(text), len(value) - 1)
    return next((size for size in range(most, 0, -1) if text.endswith(value[:size])), 0)
