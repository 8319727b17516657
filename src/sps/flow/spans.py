"""Where a piece of a card's work stands in the trace of that card: card, launch, step, then the
agent session or the gate."""

from __future__ import annotations

from sps.lib import context
from sps.lib.span import span_id, trace_id, traceparent
from sps.model.card import Card

_GATE = "gate/"


def place(card: Card, piece: str | None = None) -> dict[str, str]:
    """Return the names for an event or a log line: of the step at work, or of a piece of it (a run
    id, or what `gate_piece` returns)."""
    launch, step = _at_work(card)
    above = span_id(launch, step) if step else span_id(launch)
    named = {"trace": trace_id(card.id)}
    if piece:
        named |= {"span": span_id(launch if piece.startswith(_GATE) else "run", piece),
                  "parent": above}  # fmt: skip
    else:
        named |= {"span": above, "parent": span_id(launch) if step else span_id(card.id)}
    return {**named, "launch": launch, **({"step": step} if step else {})}


def gate_piece(gate: str, tree: str) -> str:
    """Return the name of a gate on a tree as a piece of a step."""
    return f"{_GATE}{gate}/{tree}"


def environment(card: Card, piece: str) -> dict[str, str]:
    """Return what a child process of the card gets to go on with the trace."""
    here = place(card, piece)
    return {"TRACEPARENT": traceparent(here["trace"], here["span"])}


def _at_work(card: Card) -> tuple[str, str]:
    """Return (launch, step): as bound, if it is this card that is at work."""
    bound = context.fields()
    launch = bound.get("workflow", "")
    if launch.rpartition(":")[0] != card.id:
        return card.workflow_id, ""
    return launch, bound.get("step", "")
