"""A promise that does not hold, and the stable names of all promises."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Invariant(StrEnum):
    """What `verify` checks. Names are stable; docs/runbooks/verify.md explains each."""

    STORE_SOUND = "store-sound"  #: the database file is sound in itself
    CARD_LOST = "card-lost"  #: an accepted card has its row
    CARD_FILE = "card-file"  #: an open card has its file
    EVENTS_GAP_FREE = "events-gap-free"  #: a card's events are numbered 1, 2, 3, ...
    BOARD_IS_FOLD = "board-is-fold"  #: the row says what the events add up to
    LEGAL_MOVES = "legal-moves"  #: each move stands in the transition table
    TERMINAL_STATE = "terminal-state"  #: nothing leaves done or dropped
    ONE_LIVE_RUN = "one-live-run"  #: at most one run of a card lives, and only where one may
    WORK_KEPT = "work-kept"  #: what an agent produced is reachable in the vault
    VAULT_SOUND = "vault-sound"  #: the vault has every object it needs
    LANDED_IS_ANCESTOR = "landed-is-ancestor"  #: done means: in the target's history
    ONE_LANDING = "one-landing"  #: the target carries a card at most once
    TESTED_TREE = "tested-tree"  #: what landed is the tree that passed the gates
    LANDING_INTENT = "landing-intent"  #: landing rows and cards agree
    VAULT_FOLLOWS = "vault-follows"  #: the vault's copy is never ahead of the target
    ENVIRONMENT_UNCHANGED = "environment-unchanged"  #: a kept environment is what setup made
    NO_ORPHANS = "no-orphans"  #: no process of a launch that is over
    OUTBOX_DELIVERED = "outbox-delivered"  #: a living daemon delivers what was posted
    FIXPOINT = "fixpoint"  #: without a daemon there is nothing to recover
    CHECKABLE = "checkable"  #: everything could be looked at


class Violation(msgspec.Struct, frozen=True, kw_only=True):
    """One promise that does not hold: `subject` names the card, run or file."""

    invariant: Invariant
    subject: str
    detail: str
