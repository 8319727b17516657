"""What was said about a card's change: findings that were held back, gates, reviews, evidence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from sps.model.event import Event, EventKind

if TYPE_CHECKING:
    from sps.model.verdict import GateVerdict, Verdict

_BEGINS_ANEW = ("rework", "retry")


class FindingView(msgspec.Struct, frozen=True, kw_only=True):
    """Something in the change that a person has to look at. Line 0: the file as a whole."""

    code: str
    path: str
    line: int = 0
    says: str

    @property
    def text(self) -> str:
        """The finding on one line, its place first."""
        place = f"{self.path}:{self.line}: " if self.line else f"{self.path}: " * bool(self.path)
        return f"{place}{self.says} [{self.code}]"


class GateView(msgspec.Struct, frozen=True, kw_only=True):
    """The last verdict of one gate on the card's work. `log` is below the home."""

    name: str
    ok: bool
    command: str
    tree: str
    exit_code: int | None
    seconds: float
    log: str
    tail: str


class VerdictView(msgspec.Struct, frozen=True, kw_only=True):
    """One review of the card's work."""

    by: str
    verdict: str
    tree: str
    comments: list[dict[str, Any]]

    @property
    def lines(self) -> list[str]:
        """The comments, one text each, with their places."""
        return [
            f"{c['path']}:{c['line']}: {c['text']}" if c["path"] else str(c["text"])
            for c in self.comments
        ]


def findings(events: Iterable[Event]) -> list[FindingView]:
    """Return what was held back in the change as it is now."""
    found: list[FindingView] = []
    for event in events:
        if event.kind is EventKind.GATE_HELD:
            found = msgspec.convert(event.payload.get("findings") or [], list[FindingView])
        elif event.payload.get("verb") in _BEGINS_ANEW:
            found = []
    return found


def evidence(events: Iterable[Event]) -> str:
    """Return what the newest attempt was told about the one before, empty without any."""
    told = ""
    for event in events:
        given = event.payload.get("evidence")
        if event.kind is EventKind.CARD_MOVED and isinstance(given, dict):
            told = str(given.get("text") or "")
    return told


def gates(verdicts: Iterable[GateVerdict]) -> list[GateView]:
    """Return the last verdict of each gate."""
    return [
        GateView(
            name=one.name, ok=one.ok, command=one.command, tree=one.tree, exit_code=one.exit_code,
            seconds=one.seconds, log=one.log, tail=one.tail,
        )
        for one in {verdict.name: verdict for verdict in verdicts}.values()
    ]  # fmt: skip


def reviews(verdicts: Iterable[Verdict]) -> list[VerdictView]:
    """Return all reviews, oldest first."""
    return [
        VerdictView(
            by=one.by, verdict=one.decision.value, tree=one.tree,
            comments=msgspec.to_builtins(one.comments),
        )
        for one in verdicts
    ]  # fmt: skip
