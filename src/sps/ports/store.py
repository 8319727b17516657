"""The store: our tables, the authority for a card's state, attempts, verdicts, events and spend."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Protocol, TypeVar

import msgspec

from sps.model.card import Card, CardState
from sps.model.event import Event
from sps.model.project import Project
from sps.model.run import Outcome, Run, Usage
from sps.model.transitions import Move
from sps.model.verdict import GateVerdict, Verdict

T = TypeVar("T")


class FileStamp(msgspec.Struct, frozen=True, kw_only=True):
    """What a card file looked like when it was last read; equal stamps are not read again."""

    name: str  #: file name inside the project's cards folder
    mtime_ns: int
    size: int
    digest: str = ""  #: sha-256 of the content


class FileError(msgspec.Struct, frozen=True, kw_only=True):
    """Why a card file could not be read. `seq` 0: it never was a card."""

    file: str
    line: int
    column: int
    code: str
    message: str
    seq: int = 0


class Landing(msgspec.Struct, frozen=True, kw_only=True):
    """The intent and the outcome of one landing; at most one per card. `at` fixes the dates of
    the commit, so that a repetition makes the same object. Times in milliseconds."""

    card_id: str
    generation: int
    base: str
    tip: str
    tree: str
    at: int
    commit: str | None = None
    state: str = "intent"  #: intent, gated, done

    @property
    def in_flight(self) -> bool:
        """Whether the target may hold the commit already without our knowing."""
        return self.state == "gated"


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the transactional outbox: something that has to be told or done after a commit."""

    kind: str  #: start, cancel, message, notify, fallout
    key: str  #: workflow id, or card id for messages and fallout
    payload: str = ""
    id: int = 0
    created_at: int = 0


class Worker(msgspec.Struct, frozen=True, kw_only=True):
    """A process that works on cards of a home that many share. `left_ms` is how long its lease
    holds, by the clock of the database: one with nothing left is dead, whatever it thinks."""

    id: str
    role: str  #: home, worker
    host: str
    pid: int
    started_at: int
    vaults: str = ""  #: of the home: the folder or URL below which others find the vaults
    left_ms: int = 0

    @property
    def alive(self) -> bool:
        return self.left_ms > 0


class Breaker(msgspec.Struct, frozen=True, kw_only=True):
    """The circuit breaker of an agent kind. `recent` holds the last outcomes, True is good."""

    kind: str
    state: str = "closed"  #: closed, open, half-open
    recent: tuple[bool, ...] = ()
    opened_at: int = 0
    until: int = 0


class CardQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which cards to list: by state, from a number on, at most so many; ordered by number."""

    project: str | None = None
    states: tuple[CardState, ...] = ()
    after_seq: int = 0
    limit: int | None = None


class CardSearch(msgspec.Struct, frozen=True, kw_only=True):
    """Which cards of a project to find: of these states, with all these labels, and with each word
    in the title or being the number. Labels and words are in small letters; only A to Z have
    others."""

    project: str
    states: tuple[CardState, ...]
    labels: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    without: tuple[str, ...] = ()  #: `state/stage` that stand elsewhere
    within: tuple[str, ...] = ()  #: of the states named here only these `state/stage`
    start: int | None = None  #: the number to begin with
    newest: bool = False  #: the highest numbers first
    limit: int = 50


class EventQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which events: of a card or a project, after a global id; oldest first."""

    project: str | None = None
    card_id: str | None = None
    after_id: int = 0
    limit: int | None = None


class RestQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which of the cards that stand in review, landing or needs_human: all of these states, and
    those with one of these reasons. The one that has stood longest comes first."""

    states: tuple[CardState, ...] = ()
    reasons: tuple[str, ...] = ()
    limit: int | None = None


class Reading(Protocol):
    """Questions. Inside one `read` or `write` they see one snapshot."""

    def project(self, name: str) -> Project | None: ...
    def projects(self) -> list[Project]: ...
    def card(self, card_id: str) -> Card | None: ...
    def card_by_seq(self, project: str, seq: int) -> Card | None: ...
    def cards(self, query: CardQuery) -> list[Card]: ...
    def found(self, search: CardSearch) -> list[Card]: ...
    def found_counts(self, search: CardSearch) -> dict[str, int]:
        """Return state -> number of cards that a search finds, whatever its start and limit."""
        ...

    def counts(self) -> dict[str, dict[str, int]]:
        """Return project -> state -> number of cards; projects without cards are in it."""
        ...

    def resting(self, query: RestQuery) -> list[Card]: ...
    def resting_counts(self) -> dict[tuple[str, CardState, str], int]:
        """Return (project, state, reason or "") -> number of cards in review, landing and
        needs_human."""
        ...

    def cards_with_skill(self, name: str, states: Collection[CardState], limit: int) -> list[Card]:
        """Return cards in some states that name a skill, the ones that changed last first."""
        ...

    def still(self, states: Collection[CardState], since: int) -> int:
        """Count the cards in some states that have not changed after a time and give no reason."""
        ...

    def startable(self, now: int, limit: int) -> list[Card]:
        """Return READY cards of projects that are not halted, with `not_before` <= now, higher
        priority first, then older numbers first."""
        ...

    def startable_of(self, project: str, now: int, limit: int) -> list[Card]:
        """Return READY cards of one project with `not_before` <= now, higher priority first, then
        older numbers first."""
        ...

    def children(self, project: str, seq: int) -> list[Card]:
        """Return the cards that name `seq` in `after` and are not terminal."""
        ...

    def next_not_before(self, now: int) -> int | None:
        """Return the earliest `not_before` of a READY card that is later than now."""
        ...

    def parked_ahead(self, now: int, ahead: int) -> list[Card]:
        """Return READY cards with `not_before` later than now that were changed after `ahead`."""
        ...

    def events(self, query: EventQuery) -> list[Event]: ...
    def newest_event(self, card_id: str) -> Event | None: ...
    def newest_events(self, card_id: str, limit: int) -> list[Event]:
        """Return the last events of a card, the newest first."""
        ...

    def gates_ran(self, project: str, limit: int) -> list[tuple[int, Event]]:
        """Return the newest gate events of a project with their cards' numbers, oldest first."""
        ...

    def last_landed(self, project: str) -> Card | None:
        """Return the card of a project that landed last, None before the first."""
        ...

    def run(self, run_id: str) -> Run | None: ...
    def runs(self, *, card_id: str | None = None, live: bool = False) -> list[Run]:
        """Return runs, oldest first; `live` only those that have not ended."""
        ...

    def attempts(self, card_id: str, stage: str) -> int:
        """Return the highest attempt that was begun for a stage, 0 when none was."""
        ...

    def spent(self, card_id: str) -> tuple[Usage, int]:
        """Return the sum of usage over the card's runs, and their milliseconds."""
        ...

    def spent_by(self, cards: Collection[str]) -> dict[str, Usage]:
        """Return card id -> sum of usage over its runs, of those cards that have runs."""
        ...

    def spent_since(self, since: int) -> dict[str, Usage]:
        """Return project -> sum of usage over its runs that began at `since` or later."""
        ...

    def gate_verdict(self, key: str) -> GateVerdict | None:
        """Return the cached verdict for a key made of tree, command and environment."""
        ...

    def gate_verdicts(self, card_id: str) -> list[GateVerdict]:
        """Return the verdicts recorded for a card, oldest first."""
        ...

    def gates_by(self, cards: Collection[str]) -> dict[str, dict[str, bool]]:
        """Return card id -> gate -> whether it passed, each by its newest verdict on the tree that
        was judged last, of those cards that were judged."""
        ...

    def verdicts(self, card_id: str) -> list[Verdict]:
        """Return the review verdicts of a card, oldest first."""
        ...

    def landing(self, card_id: str) -> Landing | None: ...
    def landings(self, since: int = 0) -> list[Landing]:
        """Return the landings that began at a time or later, oldest first."""
        ...

    def outbox(self, *, kind: str | None = None, key: str | None = None) -> list[Message]:
        """Return undelivered messages, oldest first."""
        ...

    def file_stamps(
        self, project: str, names: Collection[str] | None = None
    ) -> dict[str, tuple[int, FileStamp]]:
        """Return file name -> (card number or 0, stamp) of the files as last ingested; with
        `names` only of these."""
        ...

    def file_of(self, project: str, seq: int) -> str | None:
        """Return the name of the file that a card was last read from; the first of several."""
        ...

    def file_numbers(self, project: str) -> dict[str, int]:
        """Return file name -> card number or 0 of the files as last ingested."""
        ...

    def file_errors(self, project: str) -> list[FileError]: ...
    def last_event(self) -> int:
        """Return the newest event's id, 0 before the first."""
        ...

    def breaker(self, kind: str) -> Breaker: ...
    def workers(self) -> list[Worker]:
        """Return who works on this home, dead ones too, oldest first; nobody where it is not
        shared."""
        ...

    def pipeline_text(self, project: str) -> str | None:
        """Return the pipeline that the home published for machines without its files."""
        ...

    def step(self, workflow_id: str, name: str) -> str | None:
        """Return the recorded result of a workflow step of the journal engine."""
        ...

    def recall(self, key: str, now: int) -> tuple[str, str] | None:
        """Return (body hash, response) of an idempotency key that is not older than 24 h."""
        ...


class Writing(Reading, Protocol):
    """Changes. All of one `write` are committed together or not at all."""

    def add_project(self, project: Project) -> None:
        """Raise `Misuse("project-exists")` when the name is taken."""
        ...

    def save_project(self, project: Project) -> None: ...
    def remove_project(self, name: str) -> None: ...
    def next_seq(self, project: str, floor: int) -> int:
        """Allocate the next card number: greater than every one given before and than `floor`."""
        ...

    def add_card(self, card: Card, event: Event) -> None:
        """Insert a card; raises `Misuse("duplicate-number")` when its number is taken."""
        ...

    def save(self, move: Move, *, generation: int | None = None) -> Card:
        """Store a state change and its event. Raises `Stale` when the stored version is not
        `move.before.version`, or when a generation is given and the stored one differs."""
        ...

    def save_text(self, before: Card, after: Card, event: Event) -> Card:
        """Store changed text (or `version`-checked fields that are no state). Raises `Stale`."""
        ...

    def add_event(self, event: Event) -> Event:
        """Append an event and return it with its id and its gap-free number in the card."""
        ...

    def start_run(self, run: Run) -> None:
        """Insert a live run; the database refuses a second live run of a card (`Stale`)."""
        ...

    def set_run_process(self, run_id: str, pid: int, started: int) -> None: ...
    def set_run_session(self, run_id: str, session_id: str) -> None: ...
    def add_usage(self, run_id: str, usage: Usage) -> None:
        """Replace the usage of a run by a newer total."""
        ...

    def end_run(self, run_id: str, outcome: Outcome, detail: str, at: int) -> bool:
        """End a live run; False when it had ended already (nothing changes then)."""
        ...

    def save_gate_verdict(
        self, card_id: str | None, key: str, verdict: GateVerdict, at: int
    ) -> None: ...
    def save_verdict(self, card_id: str, verdict: Verdict, at: int) -> None: ...
    def save_landing(self, landing: Landing) -> None:
        """Insert or replace the landing of a card; a landing that is done is never changed."""
        ...

    def post(self, message: Message, at: int) -> None:
        """Put a message into the outbox; the same kind and key while undelivered is one row."""
        ...

    def delivered(self, message_id: int, at: int) -> None: ...
    def set_file(self, project: str, seq: int, stamp: FileStamp) -> None: ...
    def forget_file(self, project: str, name: str) -> None: ...
    def set_file_error(self, project: str, error: FileError) -> None: ...
    def clear_file_error(self, project: str, file: str) -> bool: ...
    def save_breaker(self, breaker: Breaker) -> None: ...
    def take_seat(self, card_id: str, project: str, worker: str, most: int) -> bool:
        """Let an agent of a card work; False when living workers hold `most` seats already. A card
        has one seat: a later worker of it has it instead."""
        ...

    def leave_seat(self, card_id: str, worker: str) -> None: ...
    def leave_all_seats(self, worker: str) -> None: ...
    def publish_pipeline(self, project: str, content: str) -> None: ...
    def save_step(self, workflow_id: str, name: str, result: str, at: int) -> None:
        """Record a step's result; a second record of the same step is ignored."""
        ...

    def forget_steps(self, workflow_id: str) -> None: ...
    def remember(self, key: str, body_hash: str, response: str, at: int) -> None: ...


class Store(Protocol):
    """Durable tables with serialisable writes. Functions passed in may run more than once, so
    they must do nothing but read and write through what they are given."""

    def read(self, question: Callable[[Reading], T]) -> T:
        """Answer from one consistent snapshot. Never writes."""
        ...

    def write(self, change: Callable[[Writing], T]) -> T:
        """Run in one transaction, repeated as a whole when the database was busy, at most 5 s.

        Raises `Held("database-locked")`, `Absent("database-broken")`.
        """
        ...

    def observe(self, heard: Callable[[], None]) -> None:
        """Call `heard`, in whatever thread it was, after each write of this process."""
        ...

    def check(self) -> list[str]:
        """Return what is wrong with the database file itself; empty when it is sound."""
        ...

    def close(self) -> None: ...
