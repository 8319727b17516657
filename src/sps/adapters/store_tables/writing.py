"""The changes, inside one transaction."""

from __future__ import annotations

import msgspec

from sps.adapters.store_tables import rows
from sps.adapters.store_tables.reading import IDEMPOTENCY_TTL, TableReading
from sps.model.card import Card
from sps.model.errors import Misuse, Stale, WorkFailed
from sps.model.event import Event
from sps.model.project import Project
from sps.model.run import Outcome, Run, Usage
from sps.model.transitions import Move
from sps.model.verdict import GateVerdict, Verdict
from sps.ports.store import Breaker, FileError, FileStamp, Landing, Message

_DELIVERED_KEPT = 7 * 24 * 60 * 60 * 1000  # milliseconds


class TableWriting(TableReading):
    """A `Writing` inside a transaction that may write."""

    def add_project(self, project: Project) -> None:
        """Raise `Misuse("project-exists")` when the name is taken."""
        if self.project(project.name) is not None:
            raise Misuse(
                "project-exists",
                f"there is a project {project.name} already",
                hint=f"sps project show {project.name}",
            )
        self._session.run("add_project", rows.project_row(project))

    def save_project(self, project: Project) -> None:
        """Raise `Misuse("no-such-project")` when there is none of that name."""
        if self._change("save_project", **rows.project_row(project)) == 0:
            raise _no_project(project.name)

    def remove_project(self, name: str) -> None:
        """Remove the project and all that belongs to it; nothing happens when there is none."""
        self._change("remove_project_steps", name=name)
        self._change("remove_project_messages", name=name)
        self._change("remove_project", name=name)

    def next_seq(self, project: str, floor: int) -> int:
        """Allocate a number; raises `Misuse("no-such-project")`."""
        found = self._rows("next_seq", project=project, floor=floor)
        if not found:
            raise _no_project(project)
        return int(found[0]["last_seq"])

    def add_card(self, card: Card, event: Event) -> None:
        """Raise `Misuse` with `duplicate-number` or `no-such-project`."""
        if self.card_by_seq(card.project, card.seq) is not None:
            raise Misuse(
                "duplicate-number",
                f"{card.project} has a card {card.seq} already",
                hint=f"sps card show {card.project} {card.seq}",
            )
        if self._change("note_seq", project=card.project, seq=card.seq) == 0:
            raise _no_project(card.project)
        self._session.run("add_card", rows.card_row(card))
        self._add_parents(card)
        self.add_event(event)

    def save(self, move: Move, *, generation: int | None = None) -> Card:
        """Store the whole card after a move, its text too, and the event."""
        return self._save(move.before, move.after, move.event, generation=generation)

    def save_text(self, before: Card, after: Card, event: Event) -> Card:
        """Refuses to change the state: `WorkFailed("illegal-transition")`."""
        if after.state is not before.state:
            raise WorkFailed(
                "illegal-transition",
                f"card {before.project}#{before.seq} changes its state only by a verb",
                hint=f"sps why {before.project} {before.seq}",
            )
        return self._save(before, after, event)

    def add_event(self, event: Event) -> Event:
        """Append an event and return it with its id and its number."""
        (row,) = self._rows("add_event", **rows.event_row(event))
        return msgspec.structs.replace(event, id=row["id"], seq=row["seq"])

    def start_run(self, run: Run) -> None:
        """Raise `Stale` when the card has a live run, or this attempt of this launch exists."""
        try:
            self._session.run("start_run", rows.run_row(run))
        except Exception as err:
            if not self._session.refused(err):
                raise
            raise Stale(f"run {run.id} cannot start: {err}") from err

    def set_run_process(self, run_id: str, pid: int, started: int) -> None:
        """Raise `Stale` when there is no such run."""
        self._change_run("set_run_process", run_id, pid=pid, started=started)

    def set_run_session(self, run_id: str, session_id: str) -> None:
        """Raise `Stale` when there is no such run."""
        self._change_run("set_run_session", run_id, session_id=session_id)

    def add_usage(self, run_id: str, usage: Usage) -> None:
        """Replace the usage of a run, also of one that has ended. Raises `Stale` without it."""
        self._change_run("add_usage", run_id, **msgspec.structs.asdict(usage))

    def end_run(self, run_id: str, outcome: Outcome, detail: str, at: int) -> bool:
        """End a live run; False when it had ended, or never was."""
        ended = self._change("end_run", id=run_id, outcome=outcome.value, detail=detail, at=at)
        return ended > 0

    def save_gate_verdict(
        self, card_id: str | None, key: str, verdict: GateVerdict, at: int
    ) -> None:
        """Record a verdict; it answers for its key until a newer one does."""
        self._change("forget_gate_verdict", key=key)
        values = rows.gate_verdict_row(verdict)
        self._session.run("save_gate_verdict", {**values, "card_id": card_id, "key": key, "at": at})

    def save_verdict(self, card_id: str, verdict: Verdict, at: int) -> None:
        self._change(
            "save_verdict",
            card_id=card_id,
            at=at,
            decision=verdict.decision.value,
            comments=rows.json(verdict.comments),
            author=verdict.by,
            tree=verdict.tree,
            tip=verdict.tip,
        )

    def save_landing(self, landing: Landing) -> None:
        """Saving the same again is fine. Raises `Stale` against a landing that is done, or that a
        newer generation wrote."""
        known = self.landing(landing.card_id)
        if known == landing:
            return
        if known is not None and known.state == "done":
            raise Stale(f"the landing of card {landing.card_id} is done")
        if known is not None and known.generation > landing.generation:
            raise Stale(f"a newer run is landing card {landing.card_id}")
        values = msgspec.structs.asdict(landing)
        self._session.run("save_landing", {**values, "commit_id": landing.commit})

    def post(self, message: Message, at: int) -> None:
        """The newer payload replaces one that waits, but words to an agent are never swallowed:
        further ones are added below as a paragraph. The same words again change nothing."""
        payload = message.payload
        waiting = self.outbox(kind=message.kind, key=message.key)
        if message.kind == "message" and waiting:
            before = waiting[0].payload
            known = f"\n\n{before}".endswith(f"\n\n{payload}")
            payload = before if known else f"{before}\n\n{payload}"
        self._change("post", kind=message.kind, key=message.key, payload=payload, at=at)

    def delivered(self, message_id: int, at: int) -> None:
        self._change("delivered", id=message_id, at=at)
        self._change("forget_delivered", before=at - _DELIVERED_KEPT)

    def set_file(self, project: str, seq: int, stamp: FileStamp) -> None:
        self._change("set_file", project=project, seq=seq, **msgspec.structs.asdict(stamp))

    def forget_file(self, project: str, name: str) -> None:
        self._change("forget_file", project=project, name=name)

    def set_file_error(self, project: str, error: FileError) -> None:
        self._change("set_file_error", project=project, **msgspec.structs.asdict(error))

    def clear_file_error(self, project: str, file: str) -> bool:
        return self._change("clear_file_error", project=project, file=file) > 0

    def save_breaker(self, breaker: Breaker) -> None:
        values = msgspec.structs.asdict(breaker)
        self._session.run("save_breaker", {**values, "recent": rows.json(breaker.recent)})

    def take_seat(self, card_id: str, project: str, worker: str, most: int) -> bool:
        return (
            self._change("take_seat", card_id=card_id, project=project, worker=worker, most=most)
            > 0
        )

    def leave_seat(self, card_id: str, worker: str) -> None:
        self._change("leave_seat", card_id=card_id, worker=worker)

    def leave_all_seats(self, worker: str) -> None:
        self._change("leave_all_seats", worker=worker)

    def publish_pipeline(self, project: str, content: str) -> None:
        self._change("publish_pipeline", project=project, content=content)

    def save_step(self, workflow_id: str, name: str, result: str, at: int) -> None:
        self._change("save_step", workflow_id=workflow_id, name=name, result=result, at=at)

    def forget_steps(self, workflow_id: str) -> None:
        self._change("forget_steps", workflow_id=workflow_id)

    def remember(self, key: str, body_hash: str, response: str, at: int) -> None:
        """Keep the first answer under a key for 24 h; older keys are dropped on the way."""
        self._change("forget_old_keys", oldest=at - IDEMPOTENCY_TTL)
        self._change("remember", key=key, body_hash=body_hash, response=response, at=at)

    def _save(
        self, before: Card, after: Card, event: Event, *, generation: int | None = None
    ) -> Card:
        stored = self.card(before.id)
        where = f"card {before.project}#{before.seq}"
        if stored is None or stored.version != before.version:
            raise Stale(f"{where} was changed by somebody else meanwhile")
        if generation is not None and stored.generation != generation:
            raise Stale(f"{where} belongs to a newer run (generation {stored.generation})")
        card = msgspec.structs.replace(after, version=before.version + 1)
        values = {**rows.standing_row(card), "expected": before.version}
        if card.text == stored.text:
            self._session.run("save_card", values)
        else:
            self._session.run("save_card_and_text", {**values, **rows.text_row(card.text)})
            self._change("clear_parents", card_id=card.id)
            self._add_parents(card)
        self.add_event(event)
        return card

    def _add_parents(self, card: Card) -> None:
        if card.text.after:
            parents = rows.json(card.text.after)
            self._change("add_parents", card_id=card.id, project=card.project, after_seqs=parents)

    def _change(self, query: str, /, **values: object) -> int:
        """Execute a named statement and return how many rows it changed."""
        return self._session.run(query, values).rowcount

    def _change_run(self, query: str, run_id: str, /, **values: object) -> None:
        if self._change(query, id=run_id, **values) == 0:
            raise Stale(f"there is no run {run_id}")


def _no_project(name: str) -> Misuse:
    return Misuse("no-such-project", f"there is no project {name}", hint="sps project list")
