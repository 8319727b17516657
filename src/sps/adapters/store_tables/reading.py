"""The questions, inside one transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeVar

import msgspec

from sps.adapters.store_tables import rows
from sps.adapters.store_tables.rows import Row
from sps.adapters.store_tables.session import Session
from sps.model.card import Card, CardState
from sps.model.event import Event
from sps.model.project import Project
from sps.model.run import Run, Usage
from sps.model.verdict import GateVerdict, Verdict
from sps.ports.store import (
    Breaker,
    CardQuery,
    CardSearch,
    EventQuery,
    FileError,
    FileStamp,
    Landing,
    Message,
    RestQuery,
    Worker,
)

T = TypeVar("T")

_HIGHEST = 2**62
IDEMPOTENCY_TTL = 24 * 60 * 60 * 1000  #: milliseconds


class TableReading:
    """A `Reading` inside a transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def project(self, name: str) -> Project | None:
        return self._one("project", rows.project_of, name=name)

    def projects(self) -> list[Project]:
        return self._all("projects", rows.project_of)

    def card(self, card_id: str) -> Card | None:
        return self._one("card", rows.card_of, id=card_id)

    def card_by_seq(self, project: str, seq: int) -> Card | None:
        return self._one("card_by_seq", rows.card_of, project=project, seq=seq)

    def cards(self, query: CardQuery) -> list[Card]:
        """List cards by number; without a project those of all, equal numbers by project."""
        name = "cards" if query.project is None else "cards_of_project"
        return self._all(
            f"{name}_in_states" if query.states else name,
            rows.card_of,
            project=query.project,
            states=rows.json([state.value for state in query.states]),
            after_seq=query.after_seq,
            limit=_limit(query.limit),
        )

    def found(self, search: CardSearch) -> list[Card]:
        """Find cards; what is not asked for costs nothing: without labels and words, the index
        alone chooses the window."""
        start = search.start
        if start is None:
            start = _HIGHEST if search.newest else 0
        return self._all(
            "found_newest" if search.newest else "found", rows.card_of,
            start=start, limit=_limit(search.limit), **_asked(search),
        )  # fmt: skip

    def found_counts(self, search: CardSearch) -> dict[str, int]:
        found = self._rows("found_counts", **_asked(search))
        return {row["state"]: row["number"] for row in found}

    def counts(self) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = {project.name: {} for project in self.projects()}
        for row in self._rows("counts"):
            found.setdefault(row["project"], {})[row["state"]] = row["number"]
        return found

    def last_landed(self, project: str) -> Card | None:
        return self._one("last_landed", rows.card_of, project=project)

    def resting(self, query: RestQuery) -> list[Card]:
        return self._all(
            "resting", rows.card_of,
            states=rows.json([state.value for state in query.states]),
            reasons=rows.json(query.reasons), limit=_limit(query.limit),
        )  # fmt: skip

    def resting_counts(self) -> dict[tuple[str, CardState, str], int]:
        return {
            (row["project"], CardState(row["state"]), row["reason"]): row["number"]
            for row in self._rows("resting_counts")
        }

    def cards_with_skill(self, name: str, states: Collection[CardState], limit: int) -> list[Card]:
        return self._all(
            "cards_with_skill", rows.card_of, name=name,
            states=rows.json([state.value for state in states]), limit=_limit(limit),
        )  # fmt: skip

    def still(self, states: Collection[CardState], since: int) -> int:
        wanted = rows.json([state.value for state in states])
        (row,) = self._rows("still", states=wanted, since=since)
        return int(row["number"])

    def startable(self, now: int, limit: int) -> list[Card]:
        return self._all("startable", rows.card_of, now=now, limit=max(0, limit))

    def startable_of(self, project: str, now: int, limit: int) -> list[Card]:
        return self._all(
            "startable_of", rows.card_of, project=project, now=now, limit=max(0, limit)
        )

    def children(self, project: str, seq: int) -> list[Card]:
        return self._all("children", rows.card_of, project=project, seq=seq)

    def next_not_before(self, now: int) -> int | None:
        return self._one("next_not_before", lambda row: _number(row["moment"]), now=now)

    def parked_ahead(self, now: int, ahead: int) -> list[Card]:
        return self._all("parked_ahead", rows.card_of, now=now, ahead=ahead)

    def events(self, query: EventQuery) -> list[Event]:
        if query.card_id is not None:
            name = "events_of_card"
        else:
            name = "events" if query.project is None else "events_of_project"
        return self._all(
            name,
            rows.event_of,
            project=query.project,
            card_id=query.card_id,
            after_id=query.after_id,
            limit=_limit(query.limit),
        )

    def newest_event(self, card_id: str) -> Event | None:
        return next(iter(self.newest_events(card_id, 1)), None)

    def newest_events(self, card_id: str, limit: int) -> list[Event]:
        return self._all("newest_events", rows.event_of, card_id=card_id, limit=limit)

    def gates_ran(self, project: str, limit: int) -> list[tuple[int, Event]]:
        def ran(row: Row) -> tuple[int, Event]:
            return row["number"], rows.event_of(row)

        return self._all("gates_ran", ran, project=project, limit=max(0, limit))[::-1]

    def run(self, run_id: str) -> Run | None:
        return self._one("run", rows.run_of, id=run_id)

    def runs(self, *, card_id: str | None = None, live: bool = False) -> list[Run]:
        name = "runs" if card_id is None else "runs_of_card"
        return self._all(f"{name}_live" if live else name, rows.run_of, card_id=card_id)

    def attempts(self, card_id: str, stage: str) -> int:
        found = self._one(
            "attempts", lambda row: _number(row["attempt"]), card_id=card_id, stage=stage
        )
        return found or 0

    def spent(self, card_id: str) -> tuple[Usage, int]:
        (row,) = self._rows("spent", card_id=card_id)
        return rows.usage_of(row), row["milliseconds"]

    def spent_by(self, cards: Collection[str]) -> dict[str, Usage]:
        found = self._rows("spent_by", cards=rows.json(list(cards)))
        return {row["card_id"]: rows.usage_of(row) for row in found}

    def spent_since(self, since: int) -> dict[str, Usage]:
        found = self._rows("spent_since", since=since)
        return {row["project"]: rows.usage_of(row) for row in found}

    def gate_verdict(self, key: str) -> GateVerdict | None:
        return self._one("gate_verdict", rows.gate_verdict_of, key=key)

    def gate_verdicts(self, card_id: str) -> list[GateVerdict]:
        return self._all("gate_verdicts", rows.gate_verdict_of, card_id=card_id)

    def gates_by(self, cards: Collection[str]) -> dict[str, dict[str, bool]]:
        found: dict[str, dict[str, bool]] = {}
        for row in self._rows("gates_by", cards=rows.json(list(cards))):
            found.setdefault(row["card_id"], {})[row["name"]] = bool(row["ok"])
        return found

    def verdicts(self, card_id: str) -> list[Verdict]:
        return self._all("verdicts", rows.verdict_of, card_id=card_id)

    def landing(self, card_id: str) -> Landing | None:
        return self._one("landing", rows.landing_of, card_id=card_id)

    def landings(self, since: int = 0) -> list[Landing]:
        return self._all("landings", rows.landing_of, since=since)

    def outbox(self, *, kind: str | None = None, key: str | None = None) -> list[Message]:
        return self._all("outbox", rows.message_of, kind=kind, key=key)

    def file_stamps(
        self, project: str, names: Collection[str] | None = None
    ) -> dict[str, tuple[int, FileStamp]]:
        if names is None:
            found = self._rows("file_stamps", project=project)
        else:
            wanted = msgspec.json.encode(list(names)).decode()
            found = self._rows("file_stamps_of", project=project, names=wanted)
        return {row["name"]: (row["seq"], rows.stamp_of(row)) for row in found}

    def file_of(self, project: str, seq: int) -> str | None:
        def name(row: Row) -> str:
            return str(row["name"])

        return self._one("file_of", name, project=project, seq=seq)

    def file_numbers(self, project: str) -> dict[str, int]:
        row = self._session.run("file_numbers", {"project": project}).fetchone()
        return msgspec.json.decode(row[0] if row else "{}", type=dict[str, int])

    def file_errors(self, project: str) -> list[FileError]:
        return self._all("file_errors", rows.file_error_of, project=project)

    def last_event(self) -> int:
        return self._one("last_event", lambda row: _number(row["newest"])) or 0

    def breaker(self, kind: str) -> Breaker:
        return self._one("breaker", rows.breaker_of, kind=kind) or Breaker(kind=kind)

    def workers(self) -> list[Worker]:
        return self._all("workers", rows.worker_of)

    def pipeline_text(self, project: str) -> str | None:
        def content(row: Row) -> str:
            return str(row["content"])

        return self._one("pipeline_text", content, project=project)

    def step(self, workflow_id: str, name: str) -> str | None:
        def result(row: Row) -> str:
            return str(row["result"])

        return self._one("step", result, workflow_id=workflow_id, name=name)

    def recall(self, key: str, now: int) -> tuple[str, str] | None:
        def answer(row: Row) -> tuple[str, str]:
            return row["body_hash"], row["response"]

        return self._one("recall", answer, key=key, oldest=now - IDEMPOTENCY_TTL)

    def _rows(self, query: str, /, **values: object) -> list[Row]:
        cursor = self._session.run(query, values)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def _all(self, query: str, build: Callable[[Row], T], /, **values: object) -> list[T]:
        found = self._rows(query, **values)
        try:
            return [build(row) for row in found]
        except (ValueError, msgspec.DecodeError) as err:
            raise self._session.broken(f"{query}: {err}") from err

    def _one(self, query: str, build: Callable[[Row], T], /, **values: object) -> T | None:
        found = self._all(query, build, **values)
        return found[0] if found else None


def _asked(search: CardSearch) -> Row:
    return {
        "project": search.project,
        "states": rows.json([state.value for state in search.states]),
        "labels": rows.json(search.labels),
        "words": rows.json(search.words),
        "without": rows.json(search.without),
        "within": rows.json(search.within),
        "partly": rows.json({pair.partition("/")[0] for pair in search.within}),
    }


def _limit(limit: int | None) -> int:
    """Return a number of rows; without a limit, more than any table has."""
    return _HIGHEST if limit is None else max(0, limit)


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None
