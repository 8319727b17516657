"""Events in words: one short sentence each, for people who were not there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from sps.lib.times import rfc3339
from sps.model.event import Event, EventKind

LEVELS = ("debug", "info", "warning", "error")
_K = EventKind
_SHORT = 12
_NAMED = 3  # findings of a check gate

Payload = Mapping[str, Any]


class EventView(msgspec.Struct, frozen=True, kw_only=True):
    """One event as documents show it. `says` is the sentence."""

    id: int
    at: str
    project: str
    card: int | None
    kind: str
    level: str
    says: str
    run: str | None
    payload: dict[str, Any]


def view(event: Event, card: int | None) -> EventView:
    """Return an event with its sentence; `card` is the card's number, if it belongs to one."""
    return EventView(
        id=event.id,
        at=rfc3339(event.at),
        project=event.project,
        card=card,
        kind=event.kind.value,
        level=level(event),
        says=sentence(event),
        run=event.run_id,
        payload=event.payload,
    )


def sentence(event: Event) -> str:
    """Say what happened."""
    return _SENTENCES[event.kind](event.payload)


def level(event: Event) -> str:
    """Return how much attention an event deserves."""
    payload = event.payload
    if event.kind in _QUIET:
        return "debug"
    if event.kind in (_K.CARD_FILE_BROKEN, _K.FILE_BROKEN, _K.PROJECT_HALTED):
        return "error"
    if event.kind is _K.CARD_MOVED:
        if payload.get("to") == "needs_human":
            return "error"
        return "warning" if payload.get("verb") in ("rework", "park", "wait") else "info"
    if event.kind is _K.GATE_RAN:
        return "info" if payload.get("ok") else "warning"
    if event.kind is _K.RUN_ENDED:
        return "info" if payload.get("outcome") in ("ended", "cancelled") else "warning"
    return "warning" if event.kind in _LOUD else "info"


_QUIET = frozenset({_K.RUN_TOOL, _K.LAND_INTENT})
_LOUD = frozenset(
    {_K.ENVIRONMENT_FAILED, _K.GATE_HELD, _K.GATE_WAIVED, _K.LAND_WAITING, _K.RUN_SWEPT}
)


def _added(payload: Payload) -> str:
    return f"added to {payload.get('state')}: {payload.get('title')}"


_VERBS: dict[str, str] = {
    "release": "released by its owner",
    "hold": "taken back to planning",
    "admit": "ready: nothing it waits for is left",
    "start": "started stage {stage}, attempt {attempt}",
    "next_stage": "goes on with stage {stage}",
    "worked": "the work is done; the gates come next",
    "passed": "the gates passed; review in stage {stage}",
    "reviewed": "this review agrees; the next is stage {stage}",
    "approved": "goes on to {to}",
    "rework": "back to stage {stage} for attempt {attempt}",
    "park": "tried again a little later",
    "regate": "merged and checked again",
    "wait": "waits",
    "resume": "taken up again where it stood",
    "block": "needs a person",
    "retry": "sent back to work: stage {stage}, attempt {attempt}",
    "landed": "landed: done",
    "drop": "dropped by its owner",
}


def _moved(payload: Payload) -> str:
    verb = str(payload.get("verb"))
    words = {key: payload.get(key) or "-" for key in ("stage", "attempt", "to")}
    says = _VERBS.get(verb, verb).format(**words)
    if verb == "regate":
        again = ", ".join(map(str, payload.get("again") or ()))
        says += f": asked to run {again} again" if again else ""
        says = f"the target has moved: {says}" if payload.get("target") else says
    if payload.get("reason"):
        says += f" ({payload['reason']})"
    return f"{says}: {payload['detail']}" if payload.get("detail") else says


def _started(payload: Payload) -> str:
    what = "reviewer" if payload.get("kind") == "review" else "agent"
    boxed = ", without a sandbox" if payload.get("sandbox") == "none" else ""
    return (
        f"{what} {payload.get('agent')} began stage {payload.get('stage')}, "
        f"attempt {payload.get('attempt')}{boxed}"
    )


def _permission(payload: Payload) -> str:
    asked = payload.get("title") or payload.get("tool")
    about = f" ({payload['path']})" if payload.get("path") else ""
    return f"the agent asked for {asked}{about}: {payload.get('decision')}"


def _collected(payload: Payload) -> str:
    says = f"kept the agent's work as {_short(payload.get('tip'))}"
    if payload.get("left_out"):
        says += f"; left out: {', '.join(map(str, payload['left_out'][:3]))}"
    return says


def _ended(payload: Payload) -> str:
    detail = f": {payload['detail']}" if payload.get("detail") else ""
    took = payload.get("seconds")
    seconds = f" after {took:.1f} s" if isinstance(took, int | float) else ""
    return f"the agent's session ended{seconds} ({payload.get('outcome')}){detail}"


def _swept(payload: Payload) -> str:
    pids = payload.get("pids") or []
    kept = f"; its work is kept as {_short(payload['salvage'])}" if payload.get("salvage") else ""
    trouble = f"; {payload['trouble']}" if payload.get("trouble") else ""
    ended = f"{_count(len(pids), 'process', 'processes')} ended"
    return f"a cut off run was tidied up, {ended}{kept}{trouble}"


def _gate(payload: Payload) -> str:
    verdict = "passed" if payload.get("ok") else f"failed (exit {payload.get('exit')})"
    known = ", known from before" if payload.get("cached") else ""
    return f"gate {payload.get('name')} {verdict}{known} on tree {_short(payload.get('tree'))}"


def _refused(payload: Payload) -> str:
    host, port, rule = (payload.get(key) for key in ("host", "port", "rule"))
    if not host:
        return f"the agent's way to the network is at its bounds ({rule})"
    return f"the agent could not reach {host}:{port} ({rule})"


_HOW = {
    "made": "the setup ran",
    "reused": "the setup of before is used again",
    "adopted": "the setup of the card that landed is used again",
}


def _ready(payload: Payload) -> str:
    how = _HOW.get(str(payload.get("how")), "ready")
    own = ", for this card alone" if payload.get("own") else ""
    left = payload.get("left_out") or []
    out = f"; left out: {', '.join(map(str, left[:_NAMED]))}" if left else ""
    return (
        f"environment {_short(payload.get('name'))}: {how}{own} "
        f"({payload.get('seconds')} s, {_count(int(payload.get('files') or 0), 'file')}){out}"
    )


def _unready(payload: Payload) -> str:
    whose = "this card's setup" if payload.get("own") else "the project's setup"
    log = f"; output: {payload['log']}" if payload.get("log") else ""
    return f"{whose} failed: {payload.get('detail')}{log}"


def _held(payload: Payload) -> str:
    found = payload.get("findings") or []
    first = f": {found[0].get('path')} {found[0].get('says')}" if found else ""
    return f"held back for a person, {_count(len(found), 'finding')}{first}"


def _reviewed(payload: Payload) -> str:
    comments = payload.get("comments") or []
    said = f", {_count(len(comments), 'comment')}" if comments else ""
    agrees = payload.get("verdict") == "approve"
    return f"{payload.get('by')} {'approves' if agrees else 'asks for changes'}{said}"


def _broken(payload: Payload) -> str:
    return (
        f"{payload.get('file')}:{payload.get('line')}:{payload.get('column')} cannot be read: "
        f"{payload.get('message')}"
    )


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def _moment(value: object) -> str:
    return rfc3339(value) if isinstance(value, int) else "an unknown time"


def _short(value: object) -> str:
    return str(value or "nothing")[:_SHORT]


def _checked(payload: Payload) -> str:
    found, waived = len(payload.get("findings", ())), len(payload.get("waivers", ()))
    says = f"{payload.get('ran')} checks of skills found {found or 'nothing'}{_places(payload)}"
    return f"{says}, {waived} waived" if waived else says


def _places(payload: Payload) -> str:
    """Name where the first findings are, and how many more there are."""
    found = payload.get("findings") or []
    named = [f"{one.get('path')}:{one.get('line')} {one.get('check')}" for one in found[:_NAMED]]
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return f": {', '.join(named)}{more}" if named else ""


_SENTENCES: dict[EventKind, Callable[[Payload], str]] = {
    _K.CARD_ADDED: _added,
    _K.CARD_EDITED: lambda p: f"changed: {', '.join(map(str, p.get('fields') or []))}",
    _K.CARD_MOVED: _moved,
    _K.CARD_COMMENTED: lambda p: f"{p.get('author')} says: {p.get('text')}",
    _K.CARD_FILE_BROKEN: _broken,
    _K.CARD_FILE_MENDED: lambda p: f"{p.get('file')} can be read again",
    _K.RUN_STARTED: _started,
    _K.RUN_PERMISSION: _permission,
    _K.RUN_REFUSED: _refused,
    _K.AGENT_HANDED_OVER: lambda p: (
        f"{p.get('agent')} is out of quota until {_moment(p.get('until'))}: {p.get('to')} goes on"
    ),
    _K.AGENT_OUT_OF_QUOTA: lambda p: (
        f"out of quota until {_moment(p.get('until'))}: {', '.join(p.get('agents') or [])}"
    ),
    _K.RUN_TOOL: lambda p: f"tool {p.get('title')} ({p.get('status')})",
    _K.RUN_SAID: lambda p: f"the agent says: {p.get('text')}",
    _K.RUN_MESSAGE: lambda p: f"told the agent: {p.get('text')}",
    _K.RUN_COLLECTED: _collected,
    _K.RUN_ENDED: _ended,
    _K.RUN_SWEPT: _swept,
    _K.ENVIRONMENT_READY: _ready,
    _K.ENVIRONMENT_FAILED: _unready,
    _K.GATE_RAN: _gate,
    _K.GATE_SKIPPED: lambda p: f"gate {p.get('name')} was skipped: {p.get('why')}",
    _K.GATE_WAIVED: lambda p: (
        f"{p.get('by')} waives gate {p.get('gate')} on tree {_short(p.get('tree'))}: {p.get('why')}"
    ),
    _K.SKILLS_CHECKED: _checked,
    _K.GATE_HELD: _held,
    _K.REVIEW_VERDICT: _reviewed,
    _K.REVIEW_RESOLVED: lambda p: (
        f"{p.get('by')} {'closes' if p.get('resolved') else 'opens'} comment "
        f"{p.get('review')}.{p.get('comment')}{'' if p.get('resolved') else ' again'}"
    ),
    _K.LAND_INTENT: lambda p: f"about to land on {_short(p.get('base'))}",
    _K.LAND_WAITING: lambda p: f"the landing waits ({p.get('reason')}): {p.get('next')}",
    _K.LAND_DONE: lambda p: f"landed as {_short(p.get('commit'))}",
    _K.PROJECT_HALTED: lambda p: (
        f"the project starts nothing new ({p.get('reason')}): {p.get('detail')}"
    ),
    _K.PROJECT_RESUMED: lambda p: f"the project works again: {p.get('why')}",
    _K.FILE_BROKEN: _broken,
}
