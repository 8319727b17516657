"""What happened, append-only. The board is the fold of the events of each card."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

import msgspec


class EventKind(StrEnum):
    """Every kind of event, with the keys of its payload."""

    CARD_ADDED = "card.added"  #: title, state, seq
    CARD_EDITED = "card.edited"  #: fields, difference
    CARD_MOVED = "card.moved"  #: verb, from, to, stage, attempt, generation, reason, detail, ...
    CARD_COMMENTED = "card.commented"  #: author, text
    CARD_FILE_BROKEN = "card.file-broken"  #: file, line, column, code, message
    CARD_FILE_MENDED = "card.file-mended"  #: file
    RUN_STARTED = (
        "run.started"  #: agent, model, effort, kind, stage, attempt, sandbox, skills, held_out, ...
    )
    RUN_PERMISSION = "run.permission"  #: tool, path, title, decision, rule
    RUN_REFUSED = "run.refused"  #: host, port, rule: a place outside that was not reached
    AGENT_HANDED_OVER = "agent.handed-over"  #: agent, to, until (milliseconds)
    AGENT_OUT_OF_QUOTA = "agent.out-of-quota"  #: agent, agents, until (milliseconds)
    RUN_TOOL = "run.tool"  #: id, title, kind, status
    RUN_SAID = "run.said"  #: text (one turn's message, bounded)
    RUN_MESSAGE = "run.message"  #: text that was sent to the running agent
    RUN_COLLECTED = "run.collected"  #: tip, commits, uncommitted, left_out
    RUN_ENDED = "run.ended"  #: outcome, detail, seconds
    RUN_SWEPT = "run.swept"  #: pids, salvage
    ENVIRONMENT_READY = "environment.ready"  #: name, key, tree, own, how, seconds, files, ...
    ENVIRONMENT_FAILED = "environment.failed"  #: name, tree, own, detail, log
    GATE_RAN = "gate.ran"  #: name, tree, ok, cached, seconds, exit, log
    GATE_SKIPPED = "gate.skipped"  #: name, why
    GATE_WAIVED = "gate.waived"  #: gate, tree, command, why, by
    SKILLS_CHECKED = "skills.checked"  #: gate, tree, ok, ran, findings, waivers, judge, skills
    GATE_HELD = "gate.held"  #: findings
    REVIEW_VERDICT = "review.verdict"  #: by, verdict, comments, tree
    REVIEW_RESOLVED = "review.resolved"  #: by, review, comment, resolved
    LAND_INTENT = "land.intent"  #: base, tip, tree
    LAND_WAITING = "land.waiting"  #: reason, next
    LAND_DONE = "land.done"  #: commit, tree, mode
    PROJECT_HALTED = "project.halted"  #: reason, detail
    PROJECT_RESUMED = "project.resumed"  #: why
    FILE_BROKEN = "file.broken"  #: file, line, column, code, message (a file that never was a card)


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One fact. `seq` counts without gaps per card and is given by the store, as is `id`."""

    project: str
    kind: EventKind
    at: int
    card_id: str | None = None
    run_id: str | None = None
    payload: dict[str, Any] = {}
    seq: int = 0
    id: int = 0


class Standing(msgspec.Struct, frozen=True):
    """What the fold of a card's events says about it."""

    state: str
    stage: str
    attempt: int
    reason: str | None


def fold(events: Iterable[Event]) -> Standing | None:
    """Fold the events of one card, oldest first, into where it stands; None without any."""
    standing: Standing | None = None
    for event in events:
        if event.kind is EventKind.CARD_ADDED:
            standing = Standing(event.payload["state"], "", 0, event.payload.get("reason"))
        elif event.kind is EventKind.CARD_MOVED:
            payload = event.payload
            standing = Standing(
                payload["to"], payload["stage"], payload["attempt"], payload["reason"]
            )
    return standing
