"""What a person has said about a card's gates: which verdicts are waived, which are asked again."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from sps.model.event import Event, EventKind
from sps.model.transitions import Verb
from sps.model.verdict import GateVerdict

_OUT = (Verb.PASSED, Verb.APPROVED, Verb.REWORK, Verb.BLOCK)


class Waiver(msgspec.Struct, frozen=True, kw_only=True):
    """A person lets one verdict count for nothing: that of this gate, with this command, on exactly
    this tree. Another tree is judged anew."""

    gate: str
    tree: str
    command: str
    why: str
    by: str

    def covers(self, verdict: GateVerdict) -> bool:
        """Whether it is about this verdict."""
        about = (verdict.name, verdict.tree, verdict.command)
        return (self.gate, self.tree, self.command) == about


class GateWord(msgspec.Struct, frozen=True, kw_only=True):
    """All that was said and still counts. `again`: gates whose known verdicts do not count."""

    waivers: tuple[Waiver, ...] = ()
    again: frozenset[str] = frozenset()

    def waived(self, verdict: GateVerdict) -> bool:
        """Whether a verdict is red and a person said that it may be."""
        return not verdict.ok and any(waiver.covers(verdict) for waiver in self.waivers)


def gate_word(events: Iterable[Event]) -> GateWord:
    """Read it from a card's events, oldest first. A gate that has run since it was asked for, and a
    card that has left the gates, need not be asked again."""
    waivers: list[Waiver] = []
    again: set[str] = set()
    for event in events:
        payload = event.payload
        if event.kind is EventKind.GATE_WAIVED:
            waivers.append(_waiver(event))
        elif event.kind is EventKind.GATE_RAN and not payload.get("cached"):
            again.discard(str(payload.get("name")))
        elif event.kind is EventKind.CARD_MOVED:
            if payload.get("verb") == Verb.REGATE:
                again = {str(name) for name in payload.get("again") or ()}
            elif payload.get("verb") in _OUT:
                again = set()
    return GateWord(waivers=tuple(waivers), again=frozenset(again))


def _waiver(event: Event) -> Waiver:
    said = {name: str(event.payload.get(name) or "") for name in Waiver.__struct_fields__}
    return Waiver(**said)
