"""What was said about a card's change: findings that were held back, gates, reviews, evidence."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from sps.model.event import Event, EventKind
from sps.model.verdict import Comment

if TYPE_CHECKING:
    from sps.model.verdict import GateVerdict, Verdict

#: What to look at first when a gate lacks something.
LACKS = (
    "The gate says that a program or a module is not there: it sees nothing outside /usr "
    "unless the pipeline says so. Look at `environment.tools` (folders to show) and "
    "`environment.setup` (what to install) first."
)
_LACKS = re.compile(
    r"command not found|: not found\b|No module named|Cannot find (?:module|package)"
)
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
    timed_out: bool = False

    @property
    def lacks(self) -> bool:
        """Whether it says itself that a program or a module is not there."""
        return not self.ok and (self.exit_code == 127 or _LACKS.search(self.tail) is not None)


class CommentView(Comment, frozen=True, kw_only=True):
    """A remark of a review. `number` names it among all of the card's: review and comment, counted
    from 1. `resolved`: somebody has said that it is settled."""

    number: str
    resolved: bool


class VerdictView(msgspec.Struct, frozen=True, kw_only=True):
    """One review of the card's work."""

    by: str
    verdict: str
    tree: str
    tip: str
    comments: list[CommentView]

    @property
    def lines(self) -> list[str]:
        """The comments, one text each, with their places."""
        return [comment.said for comment in self.comments]


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
            seconds=one.seconds, log=one.log, tail=one.tail, timed_out=one.timed_out,
        )
        for one in {verdict.name: verdict for verdict in verdicts}.values()
    ]  # fmt: skip


def reviews(verdicts: Iterable[Verdict], events: Iterable[Event]) -> list[VerdictView]:
    """Return all reviews, oldest first."""
    settled = resolved(events)
    return [
        VerdictView(
            by=one.by, verdict=one.decision.value, tree=one.tree, tip=one.tip,
            comments=[
                CommentView(
                    **msgspec.structs.asdict(comment), number=f"{number}.{place}",
                    resolved=f"{number}.{place}" in settled,
                )
                for place, comment in enumerate(one.comments, 1)
            ],
        )
        for number, one in enumerate(verdicts, 1)
    ]  # fmt: skip


def resolved(events: Iterable[Event]) -> frozenset[str]:
    """Return the numbers of the comments that are settled."""
    found: set[str] = set()
    for event in events:
        if event.kind is EventKind.REVIEW_RESOLVED:
            number = f"{event.payload['review']}.{event.payload['comment']}"
            (found.add if event.payload["resolved"] else found.discard)(number)
    return frozenset(found)
