"""From rows to values and back."""

from __future__ import annotations

from typing import Any

import msgspec

from sps.model.card import Card, CardState, CardText, Landed
from sps.model.event import Event, EventKind
from sps.model.pipeline import SandboxMode
from sps.model.project import Identity, Project
from sps.model.run import Outcome, Run, RunKind, Usage
from sps.model.verdict import Comment, Decision, GateVerdict, Verdict
from sps.ports.store import Breaker, FileError, FileStamp, Landing, Message, Worker

Row = dict[str, Any]

_WORDS = msgspec.json.Decoder(tuple[str, ...])
_NUMBERS = msgspec.json.Decoder(tuple[int, ...])
_COMMENTS = msgspec.json.Decoder(tuple[Comment, ...])
_RECENT = msgspec.json.Decoder(tuple[bool, ...])
_PAYLOAD = msgspec.json.Decoder(dict[str, Any])


def json(value: object) -> str:
    """Encode a value for a JSON column."""
    return msgspec.json.encode(value).decode()


def project_of(row: Row) -> Project:
    """Map a row of projects."""
    return Project(
        name=row["name"],
        id=row["id"],
        repo=row["repo"],
        branch=row["branch"],
        agent=row["agent"],
        sandbox=SandboxMode(row["sandbox"]),
        identity=Identity(row["identity_name"], row["identity_email"]),
        created_at=row["created_at"],
        halted=row["halted"],
        halt_detail=row["halt_detail"],
    )


def project_row(project: Project) -> Row:
    """Return the columns of a project."""
    return {
        "name": project.name,
        "id": project.id,
        "repo": project.repo,
        "branch": project.branch,
        "agent": project.agent,
        "sandbox": project.sandbox.value,
        "identity_name": project.identity.name,
        "identity_email": project.identity.email,
        "created_at": project.created_at,
        "halted": project.halted,
        "halt_detail": project.halt_detail,
    }


def _text_of(row: Row) -> CardText:
    return CardText(
        title=row["title"],
        body=row["body"],
        skills=_WORDS.decode(row["skills"]),
        labels=_WORDS.decode(row["labels"]),
        after=_NUMBERS.decode(row["after_seqs"]),
        priority=row["priority"],
        scope=_WORDS.decode(row["scope"]),
        accept=_WORDS.decode(row["accept"]),
        hold=bool(row["hold"]),
        agent=row["agent"],
        model=row["model"],
        effort=row["effort"],
    )


def text_row(text: CardText) -> Row:
    """Return the columns of a card's text."""
    return {
        "title": text.title,
        "body": text.body,
        "skills": json(text.skills),
        "labels": json(text.labels),
        "after_seqs": json(text.after),
        "priority": text.priority,
        "scope": json(text.scope),
        "accept": json(text.accept),
        "hold": int(text.hold),
        "agent": text.agent,
        "model": text.model,
        "effort": text.effort,
    }


def card_of(row: Row) -> Card:
    """Map a row of cards."""
    commit = row["landed_commit"]
    return Card(
        project=row["project"],
        seq=row["seq"],
        id=row["id"],
        text=_text_of(row),
        state=CardState(row["state"]),
        stage=row["stage"],
        attempt=row["attempt"],
        reason=row["reason"],
        detail=row["detail"],
        landed=None if commit is None else Landed(commit, row["landed_tree"]),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        generation=row["generation"],
        worker=row["worker"],
        not_before=row["not_before"],
        setbacks=row["setbacks"],
        base=row["base"],
        tip=row["tip"],
        tree=row["tree"],
        tree_base=row["tree_base"],
        approved=row["approved"],
        waived=row["waived"],
        version=row["version"],
    )


def standing_row(card: Card) -> Row:
    """Return the columns of a card that its text does not decide and that may change."""
    return {
        "id": card.id,
        "state": card.state.value,
        "stage": card.stage,
        "attempt": card.attempt,
        "reason": card.reason,
        "detail": card.detail,
        "landed_commit": card.landed.commit if card.landed else None,
        "landed_tree": card.landed.tree if card.landed else None,
        "updated_at": card.updated_at,
        "generation": card.generation,
        "worker": card.worker,
        "not_before": card.not_before,
        "setbacks": card.setbacks,
        "base": card.base,
        "tip": card.tip,
        "tree": card.tree,
        "tree_base": card.tree_base,
        "approved": card.approved,
        "waived": card.waived,
        "version": card.version,
    }


def card_row(card: Card) -> Row:
    """Return all columns of a card."""
    return {
        "project": card.project,
        "seq": card.seq,
        "created_at": card.created_at,
        **standing_row(card),
        **text_row(card.text),
    }


def event_of(row: Row) -> Event:
    """Map a row of events."""
    return Event(
        project=row["project"],
        kind=EventKind(row["kind"]),
        at=row["at"],
        card_id=row["card_id"],
        run_id=row["run_id"],
        payload=_PAYLOAD.decode(row["payload"]),
        seq=row["seq"],
        id=row["id"],
    )


def event_row(event: Event) -> Row:
    """Return the columns of an event but the numbers that the store gives."""
    return {
        "project": event.project,
        "card_id": event.card_id,
        "run_id": event.run_id,
        "kind": event.kind.value,
        "at": event.at,
        "payload": json(event.payload),
    }


def usage_of(row: Row) -> Usage:
    """Map the usage columns of a run or of a sum over runs."""
    return Usage(
        input_tokens=row["input_tokens"],
        output_tokens=row["output_tokens"],
        total_tokens=row["total_tokens"],
        cost_usd=row["cost_usd"],
    )


def run_of(row: Row) -> Run:
    """Map a row of runs."""
    return Run(
        id=row["id"],
        card_id=row["card_id"],
        project=row["project"],
        generation=row["generation"],
        stage=row["stage"],
        attempt=row["attempt"],
        kind=RunKind(row["kind"]),
        agent=row["agent"],
        worker=row["worker"],
        workspace=row["workspace"],
        started_at=row["started_at"],
        pid=row["pid"],
        pid_started=row["pid_started"],
        session_id=row["session_id"],
        ended_at=row["ended_at"],
        outcome=None if row["outcome"] is None else Outcome(row["outcome"]),
        detail=row["detail"],
        usage=usage_of(row),
    )


def run_row(run: Run) -> Row:
    """Return the columns of a run."""
    row: Row = {**msgspec.structs.asdict(run), **msgspec.structs.asdict(run.usage)}
    del row["usage"]
    return {**row, "kind": run.kind.value, "outcome": run.outcome.value if run.outcome else None}


def gate_verdict_of(row: Row) -> GateVerdict:
    """Map a row of gate_verdicts."""
    return GateVerdict(
        name=row["name"],
        tree=row["tree"],
        command=row["command"],
        ok=bool(row["ok"]),
        exit_code=row["exit_code"],
        timed_out=bool(row["timed_out"]),
        cached=bool(row["cached"]),
        seconds=row["seconds"],
        log=row["log"],
        tail=row["tail"],
    )


def gate_verdict_row(verdict: GateVerdict) -> Row:
    """Return the columns of a gate verdict."""
    facts = msgspec.structs.asdict(verdict)
    return {name: int(value) if isinstance(value, bool) else value for name, value in facts.items()}


def verdict_of(row: Row) -> Verdict:
    """Map a row of verdicts."""
    return Verdict(
        decision=Decision(row["decision"]),
        comments=_COMMENTS.decode(row["comments"]),
        by=row["author"],
        tree=row["tree"],
        tip=row["tip"],
    )


def landing_of(row: Row) -> Landing:
    """Map a row of landings."""
    return Landing(
        card_id=row["card_id"],
        generation=row["generation"],
        base=row["base"],
        tip=row["tip"],
        tree=row["tree"],
        at=row["at"],
        commit=row["commit_id"],
        state=row["state"],
    )


def message_of(row: Row) -> Message:
    """Map a row of outbox."""
    return Message(
        kind=row["kind"],
        key=row["key"],
        payload=row["payload"],
        id=row["id"],
        created_at=row["created_at"],
    )


def stamp_of(row: Row) -> FileStamp:
    """Map a row of files."""
    return FileStamp(
        name=row["name"], mtime_ns=row["mtime_ns"], size=row["size"], digest=row["digest"]
    )


def file_error_of(row: Row) -> FileError:
    """Map a row of file_errors."""
    return FileError(
        file=row["file"],
        line=row["line_no"],
        column=row["column_no"],
        code=row["code"],
        message=row["message"],
        seq=row["seq"],
    )


def breaker_of(row: Row) -> Breaker:
    """Map a row of breakers."""
    return Breaker(
        kind=row["kind"],
        state=row["state"],
        recent=_RECENT.decode(row["recent"]),
        opened_at=row["opened_at"],
        until=row["until"],
    )


def worker_of(row: Row) -> Worker:
    """Map a row of workers."""
    return Worker(**row)
