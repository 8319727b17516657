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


class Phrase(msgspec.Struct, frozen=True):
    """A part of a sentence: a text with names in braces, and what stands for them. The text is one
    of ours, so that it can be said in another language; the words may be anybody's."""

    text: str
    words: dict[str, object] = {}


Speak = Callable[[Phrase], str]


def english(phrase: Phrase) -> str:
    """Say a phrase as it is written here."""
    return phrase.text.format(**phrase.words)


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


def sentence(event: Event, speak: Speak = english) -> str:
    """Say what happened."""
    return "".join(map(speak, _PHRASES[event.kind](event.payload)))


def said(told: EventView, speak: Speak) -> str:
    """Say in another language what an event that is shown already says in English."""
    return "".join(map(speak, _PHRASES[EventKind(told.kind)](told.payload)))


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
Told = list[Phrase]


def _p(text: str, /, **words: object) -> Phrase:
    return Phrase(text, words)


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


def _moved(payload: Payload) -> Told:
    verb = str(payload.get("verb"))
    words = {key: payload.get(key) or "-" for key in ("stage", "attempt", "to")}
    told = [Phrase(_VERBS[verb], words) if verb in _VERBS else _p("{verb}", verb=verb)]
    if verb == "regate":
        told = [_p("the target has moved: ")] * bool(payload.get("target")) + told
        again = ", ".join(map(str, payload.get("again") or ()))
        told += [_p(": asked to run {names} again", names=again)] if again else []
    if payload.get("reason"):
        told.append(_p(" ({reason})", reason=payload["reason"]))
    # What a landing waits for has a line of its own.
    landing = verb == "wait" and payload.get("from") == "landing"
    return told if landing else told + _detail(payload)


def _detail(payload: Payload) -> Told:
    return [_p(": {detail}", detail=payload["detail"])] if payload.get("detail") else []


def _started(payload: Payload) -> Told:
    words = {key: payload.get(key) for key in ("agent", "stage", "attempt")}
    if payload.get("kind") == "review":
        told = [_p("reviewer {agent} began stage {stage}, attempt {attempt}", **words)]
    else:
        told = [_p("agent {agent} began stage {stage}, attempt {attempt}", **words)]
    return [*told, _p(", without a sandbox")] if payload.get("sandbox") == "none" else told


def _permission(payload: Payload) -> Told:
    told = [_p("the agent asked for {what}", what=payload.get("title") or payload.get("tool"))]
    told += [_p(" ({path})", path=payload["path"])] if payload.get("path") else []
    return [*told, _p(": {decision}", decision=payload.get("decision"))]


def _collected(payload: Payload) -> Told:
    told = [_p("kept the agent's work as {tip}", tip=_short(payload.get("tip")))]
    left = ", ".join(map(str, (payload.get("left_out") or [])[:3]))
    return [*told, _p("; left out: {names}", names=left)] if left else told


def _ended(payload: Payload) -> Told:
    words = {"outcome": payload.get("outcome")}
    took = payload.get("seconds")
    if isinstance(took, int | float):
        text = "the agent's session ended after {seconds} s ({outcome})"
        return [_p(text, seconds=f"{took:.1f}", **words), *_detail(payload)]
    return [_p("the agent's session ended ({outcome})", **words), *_detail(payload)]


def _swept(payload: Payload) -> Told:
    count = len(payload.get("pids") or [])
    told = [_p("a cut off run was tidied up, 1 process ended") if count == 1
            else _p("a cut off run was tidied up, {n} processes ended", n=count)]  # fmt: skip
    if payload.get("salvage"):
        told.append(_p("; its work is kept as {tip}", tip=_short(payload["salvage"])))
    return told + (
        [_p("; {trouble}", trouble=payload["trouble"])] if payload.get("trouble") else []
    )


def _gate(payload: Payload) -> Told:
    words = {"name": payload.get("name"), "exit": payload.get("exit")}
    told = [_p("gate {name} passed", **words) if payload.get("ok")
            else _p("gate {name} failed (exit {exit})", **words)]  # fmt: skip
    told += [_p(", known from before")] if payload.get("cached") else []
    return [*told, _p(" on tree {tree}", tree=_short(payload.get("tree")))]


def _refused(payload: Payload) -> Told:
    words = {key: payload.get(key) for key in ("host", "port", "rule")}
    if not payload.get("host"):
        return [_p("the agent's way to the network is at its bounds ({rule})", **words)]
    return [_p("the agent could not reach {host}:{port} ({rule})", **words)]


_HOW = {
    "made": "environment {name}: the setup ran",
    "reused": "environment {name}: the setup of before is used again",
    "adopted": "environment {name}: the setup of the card that landed is used again",
}


def _ready(payload: Payload) -> Told:
    how = str(payload.get("how"))
    name = _short(payload.get("name"))
    known = Phrase(_HOW[how], {"name": name}) if how in _HOW else None
    told = [known or _p("environment {name}: ready", name=name)]
    told += [_p(", for this card alone")] if payload.get("own") else []
    files, seconds = int(payload.get("files") or 0), payload.get("seconds")
    told.append(_p(" ({seconds} s, 1 file)", seconds=seconds) if files == 1
                else _p(" ({seconds} s, {n} files)", seconds=seconds, n=files))  # fmt: skip
    left = ", ".join(map(str, (payload.get("left_out") or [])[:_NAMED]))
    return [*told, _p("; left out: {names}", names=left)] if left else told


def _unready(payload: Payload) -> Told:
    detail = payload.get("detail")
    told = [_p("this card's setup failed: {detail}", detail=detail) if payload.get("own")
            else _p("the project's setup failed: {detail}", detail=detail)]  # fmt: skip
    return [*told, _p("; output: {log}", log=payload["log"])] if payload.get("log") else told


def _held(payload: Payload) -> Told:
    found = payload.get("findings") or []
    told = [_p("held back for a person, 1 finding") if len(found) == 1
            else _p("held back for a person, {n} findings", n=len(found))]  # fmt: skip
    first = f"{found[0].get('path')} {found[0].get('says')}" if found else ""
    return [*told, _p(": {first}", first=first)] if found else told


def _reviewed(payload: Payload) -> Told:
    comments = payload.get("comments") or []
    by = payload.get("by")
    told = [_p("{by} approves", by=by) if payload.get("verdict") == "approve"
            else _p("{by} asks for changes", by=by)]  # fmt: skip
    if len(comments) == 1:
        told.append(_p(", 1 comment"))
    elif comments:
        told.append(_p(", {n} comments", n=len(comments)))
    return told


def _resolved(payload: Payload) -> Told:
    words = {key: payload.get(key) for key in ("by", "review", "comment")}
    if payload.get("resolved"):
        return [_p("{by} closes comment {review}.{comment}", **words)]
    return [_p("{by} opens comment {review}.{comment} again", **words)]


def _broken(payload: Payload) -> Told:
    where = f"{payload.get('file')}:{payload.get('line')}:{payload.get('column')}"
    return [_p("{where} cannot be read: {message}", where=where, message=payload.get("message"))]


def _moment(value: object) -> str:
    return rfc3339(value) if isinstance(value, int) else "an unknown time"


def _short(value: object) -> str:
    return str(value or "nothing")[:_SHORT]


def _checked(payload: Payload) -> Told:
    found, waived = len(payload.get("findings") or ()), len(payload.get("waivers") or ())
    ran = payload.get("ran")
    told = [_p("{ran} checks of skills found {n}", ran=ran, n=found) if found
            else _p("{ran} checks of skills found nothing", ran=ran)]  # fmt: skip
    told += _places(payload)
    return [*told, _p(", {n} waived", n=waived)] if waived else told


def _places(payload: Payload) -> Told:
    """Name where the first findings are, and how many more there are."""
    found = payload.get("findings") or []
    named = [f"{one.get('path')}:{one.get('line')} {one.get('check')}" for one in found[:_NAMED]]
    told = [_p(": {names}", names=", ".join(named))] if named else []
    more = len(found) - _NAMED
    return [*told, _p(" and {n} more", n=more)] if more > 0 else told


def _one(text: str, *names: str) -> Callable[[Payload], Told]:
    """Say one phrase with fields of the payload."""
    return lambda payload: [Phrase(text, {name: payload.get(name) for name in names})]


def _edited(payload: Payload) -> Told:
    return [_p("changed: {fields}", fields=", ".join(map(str, payload.get("fields") or [])))]


_PHRASES: dict[EventKind, Callable[[Payload], Told]] = {
    _K.CARD_ADDED: _one("added to {state}: {title}", "state", "title"),
    _K.CARD_EDITED: _edited,
    _K.CARD_MOVED: _moved,
    _K.CARD_COMMENTED: _one("{author} says: {text}", "author", "text"),
    _K.CARD_FILE_BROKEN: _broken,
    _K.CARD_FILE_MENDED: _one("{file} can be read again", "file"),
    _K.RUN_STARTED: _started,
    _K.RUN_PERMISSION: _permission,
    _K.RUN_REFUSED: _refused,
    _K.AGENT_HANDED_OVER: lambda p: [
        _p(
            "{agent} is out of quota until {until}: {to} goes on",
            agent=p.get("agent"),
            until=_moment(p.get("until")),
            to=p.get("to"),
        )
    ],
    _K.AGENT_OUT_OF_QUOTA: lambda p: [
        _p(
            "out of quota until {until}: {agents}",
            until=_moment(p.get("until")),
            agents=", ".join(p.get("agents") or []),
        )
    ],
    _K.RUN_TOOL: _one("tool {title} ({status})", "title", "status"),
    _K.RUN_SAID: _one("the agent says: {text}", "text"),
    _K.RUN_MESSAGE: _one("told the agent: {text}", "text"),
    _K.RUN_COLLECTED: _collected,
    _K.RUN_ENDED: _ended,
    _K.RUN_SWEPT: _swept,
    _K.ENVIRONMENT_READY: _ready,
    _K.ENVIRONMENT_FAILED: _unready,
    _K.GATE_RAN: _gate,
    _K.GATE_SKIPPED: _one("gate {name} was skipped: {why}", "name", "why"),
    _K.GATE_WAIVED: lambda p: [
        _p(
            "{by} waives gate {gate} on tree {tree}: {why}",
            by=p.get("by"),
            gate=p.get("gate"),
            tree=_short(p.get("tree")),
            why=p.get("why"),
        )
    ],
    _K.SKILLS_CHECKED: _checked,
    _K.GATE_HELD: _held,
    _K.REVIEW_VERDICT: _reviewed,
    _K.REVIEW_RESOLVED: _resolved,
    _K.LAND_INTENT: lambda p: [_p("about to land on {base}", base=_short(p.get("base")))],
    _K.LAND_WAITING: _one("the landing waits ({reason}): {next}", "reason", "next"),
    _K.LAND_DONE: lambda p: [_p("landed as {commit}", commit=_short(p.get("commit")))],
    _K.PROJECT_HALTED: _one(
        "the project starts nothing new ({reason}): {detail}", "reason", "detail"
    ),
    _K.PROJECT_RESUMED: _one("the project works again: {why}", "why"),
    _K.FILE_BROKEN: _broken,
}
