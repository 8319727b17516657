"""The one table of state changes. Every change of a card's state goes through `move`."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

from sps.model.card import TERMINAL, Card, CardState
from sps.model.errors import WorkFailed
from sps.model.event import Event, EventKind


class Verb(StrEnum):
    """What can happen to a card's state."""

    RELEASE = "release"  #: its owner lets it run
    HOLD = "hold"  #: its owner takes it back to planning; a live run is cancelled
    ADMIT = "admit"  #: all parents are done
    START = "start"  #: a slot is taken, an agent begins
    NEXT_STAGE = "next_stage"  #: the next work stage begins
    WORKED = "worked"  #: the last work stage delivered a tip
    PASSED = "passed"  #: the gates accepted the merged tree
    REVIEWED = "reviewed"  #: this review stage is satisfied; another one follows
    APPROVED = "approved"  #: the last review is satisfied
    REWORK = "rework"  #: feedback sends the card back to a work stage: a new attempt
    PARK = "park"  #: infrastructure failed or a limit was hit: same attempt, later
    REGATE = "regate"  #: merge and gates again, not the agent: the target moved, or a person asks
    WAIT = "wait"  #: stays where it is for a reason outside the card
    RESUME = "resume"  #: taken up again where it stands, under a new generation
    BLOCK = "block"  #: a person has to decide
    RETRY = "retry"  #: a person sends it back to work
    LANDED = "landed"  #: the target holds the commit
    DROP = "drop"  #: its owner gives it up


_S = CardState
_V = Verb
_OPEN = tuple(state for state in CardState if state not in TERMINAL)
_WORKING = (_S.RUNNING, _S.GATING, _S.REVIEW, _S.LANDING)

TABLE: dict[tuple[CardState, Verb], CardState] = {
    (_S.PLANNING, _V.RELEASE): _S.BACKLOG,
    (_S.BACKLOG, _V.ADMIT): _S.READY,
    (_S.READY, _V.START): _S.RUNNING,
    (_S.RUNNING, _V.NEXT_STAGE): _S.RUNNING,
    (_S.RUNNING, _V.WORKED): _S.GATING,
    (_S.GATING, _V.PASSED): _S.REVIEW,
    (_S.GATING, _V.APPROVED): _S.LANDING,
    (_S.REVIEW, _V.REVIEWED): _S.REVIEW,
    (_S.REVIEW, _V.APPROVED): _S.LANDING,
    (_S.REVIEW, _V.WAIT): _S.REVIEW,
    (_S.LANDING, _V.REGATE): _S.GATING,
    (_S.LANDING, _V.WAIT): _S.LANDING,
    (_S.LANDING, _V.LANDED): _S.DONE,
    (_S.NEEDS_HUMAN, _V.RETRY): _S.READY,
    (_S.NEEDS_HUMAN, _V.APPROVED): _S.GATING,
    (_S.NEEDS_HUMAN, _V.REGATE): _S.GATING,
    (_S.REVIEW, _V.REGATE): _S.GATING,
    (_S.REVIEW, _V.RETRY): _S.READY,
    (_S.LANDING, _V.RETRY): _S.READY,
    **{(state, _V.RESUME): state for state in _WORKING},
    **{(state, _V.REWORK): _S.READY for state in _WORKING},
    **{(state, _V.PARK): _S.READY for state in (_S.READY, _S.RUNNING)},
    **{(state, _V.PARK): state for state in (_S.GATING, _S.REVIEW, _S.LANDING)},
    **{(state, _V.HOLD): _S.PLANNING for state in _OPEN},
    **{(state, _V.DROP): _S.DROPPED for state in _OPEN},
    **{(state, _V.BLOCK): _S.NEEDS_HUMAN for state in _OPEN if state is not _S.NEEDS_HUMAN},
}


class Move(msgspec.Struct, frozen=True):
    """A state change that was allowed: the card before and after, and the event that tells it."""

    before: Card
    after: Card
    event: Event


def allowed(state: CardState) -> tuple[Verb, ...]:
    """Return the verbs that lead out of (or stay in) a state, in the table's order."""
    return tuple(verb for (source, verb) in TABLE if source is state)


def move(
    card: Card, verb: Verb, *, at: int, payload: dict[str, Any] | None = None, **changes: Any
) -> Move:
    """Apply a verb to a card.

    `changes` are further fields of the card that change with it. `reason` and `detail` are cleared
    unless given. Raises `WorkFailed("illegal-transition")` when the table has no such row.
    """
    target = TABLE.get((card.state, verb))
    if target is None:
        raise WorkFailed(
            "illegal-transition",
            f"card {card.project}#{card.seq} is {card.state.value}: {verb.value} is impossible",
            hint=f"sps why {card.project} {card.seq}",
        )
    fields: dict[str, Any] = {"reason": None, "detail": "", **changes}
    after = msgspec.structs.replace(
        card, state=target, updated_at=at, version=card.version + 1, **fields
    )
    event = Event(
        card_id=card.id,
        project=card.project,
        kind=EventKind.CARD_MOVED,
        at=at,
        payload={
            "verb": verb.value,
            "from": card.state.value,
            "to": target.value,
            "stage": after.stage,
            "attempt": after.attempt,
            "generation": after.generation,
            "reason": after.reason,
            "detail": after.detail,
            **(payload or {}),
        },
    )
    return Move(card, after, event)
