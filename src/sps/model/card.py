"""A card: the text its owner wrote, and where it stands."""

from __future__ import annotations

from enum import StrEnum

import msgspec

TITLE_LIMIT = 200
BODY_LIMIT = 256 * 1024
LIST_LIMIT = 64


class CardState(StrEnum):
    """Where a card stands. `done` and `dropped` are terminal, nothing leaves them."""

    PLANNING = "planning"  #: held by its owner; never starts by itself
    BACKLOG = "backlog"  #: accepted; waits for its parents
    READY = "ready"  #: all parents are done; waits for a free slot or a backoff
    RUNNING = "running"  #: an agent works on it
    GATING = "gating"  #: the gates judge the tree that would land
    REVIEW = "review"  #: an agent or a person reviews that tree
    LANDING = "landing"  #: queued for, or in, the landing lane
    NEEDS_HUMAN = "needs_human"  #: waits for a decision; `reason` says which
    DONE = "done"  #: landed; the commit is an ancestor of the target
    DROPPED = "dropped"  #: given up by its owner


TERMINAL = frozenset({CardState.DONE, CardState.DROPPED})
ACTIVE = frozenset({CardState.RUNNING, CardState.GATING, CardState.REVIEW, CardState.LANDING})


class CardText(msgspec.Struct, frozen=True, kw_only=True):
    """What the card file says. The file is the authority for every field here."""

    title: str
    body: str = ""
    skills: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    after: tuple[int, ...] = ()
    priority: int = 0
    scope: tuple[str, ...] = ()
    accept: tuple[str, ...] = ()
    hold: bool = False
    agent: str | None = None  #: a name, or several with commas between: one after the other
    model: str | None = None
    effort: str | None = None


class Landed(msgspec.Struct, frozen=True):
    """The proof of a landing: the commit on the target branch and its tree."""

    commit: str
    tree: str


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """One card as the store keeps it. Times are milliseconds since the epoch, UTC."""

    project: str
    seq: int
    id: str
    text: CardText
    state: CardState
    stage: str = ""
    attempt: int = 0
    reason: str | None = None
    detail: str = ""  #: one sentence for people beside `reason`
    landed: Landed | None = None
    created_at: int
    updated_at: int
    generation: int = 0  #: fencing token: grows with every launch and every cancellation
    worker: str | None = None  #: which worker runs it now
    not_before: int = 0  #: backoff or rate limit: do not start earlier
    setbacks: int = 0  #: infrastructure failures in a row; these are not attempts
    base: str | None = None  #: target commit the work started from
    tip: str | None = None  #: newest accepted commit of the card's work, in the vault
    tree: str | None = None  #: merged tree the gates passed, if they did
    tree_base: str | None = None  #: target commit that tree was merged with
    approved: str | None = None  #: tip that an approval is bound to
    waived: str | None = None  #: tip whose held findings a person accepted
    version: int = 0  #: grows with every write; a stale writer is refused

    @property
    def workflow_id(self) -> str:
        """The engine's id of the current launch: one per card and generation."""
        return f"{self.id}:{self.generation}"
