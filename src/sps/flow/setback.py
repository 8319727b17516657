"""What a failure costs: another attempt, only time, or a person's attention."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from sps.flow.owed import owe
from sps.flow.record import Also, record
from sps.lib import backoff
from sps.lib.threads import in_thread
from sps.model.card import Card
from sps.model.event import Event
from sps.model.pipeline import Pipeline, Stage
from sps.model.reason import VENDOR_UNREACHABLE
from sps.model.transitions import Verb
from sps.ports.store import EventQuery, Reading, Writing
from sps.ports.world import World

SETBACKS = 5  # infrastructure failures in a row before a person is asked
_OUTAGES = 12  # the same for a host that does not answer: with its pauses most of an hour
_OUTAGE_FIRST_S, _OUTAGE_MOST_S = 40.0, 400.0  # about 30 s, then 1, 2, 4 and 5 minutes


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """Why a card goes back to work, for the next prompt. `overlay`, with `base`, is a tree with
    conflict markers to put into the next workspace."""

    reason: str
    text: str
    overlay: str | None = None
    base: str | None = None


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """A failed step: why, what belongs into the same transaction, and the evidence."""

    reason: str
    detail: str
    text: str = ""
    next: str = ""  #: the one command that helps a person, where the failure itself knows it
    events: Sequence[Event] = ()
    also: Also | None = None
    overlay: str | None = None
    base: str | None = None
    start_over: bool = False  #: the next attempt begins at the target, not at the card's tip


async def attempts_of(world: World, card: Card, stage: str) -> int:
    """Return how many attempts of a stage have begun."""

    def question(tx: Reading) -> int:
        return tx.attempts(card.id, stage)

    return await in_thread(world.store.read, question)


def last_rework(tx: Reading, card: Card) -> str | None:
    """Return why the card was sent back to work the last time, None when it never was."""
    events = tx.events(EventQuery(card_id=card.id))
    reworks = [event.payload for event in events if event.payload.get("verb") == Verb.REWORK.value]
    return str(reworks[-1]["reason"]) if reworks else None


async def rework(world: World, card: Card, stage: Stage, failure: Failure) -> Card:
    """Send a card back to a work stage with evidence, or to a person when its attempts are used
    up."""
    done = await attempts_of(world, card, stage.name)
    payload = {
        "evidence": msgspec.to_builtins(
            Evidence(
                reason=failure.reason,
                text=failure.text or failure.detail,
                overlay=failure.overlay,
                base=failure.base,
            )
        )
    }
    if done >= stage.attempts:
        return await block(world, card, failure, stage=stage.name, payload=payload)
    wait = backoff.delay(done or 1, world.chance.fraction(), first=0.2, most=30.0)
    return await record(
        world,
        card,
        Verb.REWORK,
        events=failure.events,
        also=failure.also,
        stage=stage.name,
        attempt=done + 1,
        reason=failure.reason,
        detail=failure.detail,
        not_before=world.clock.now() + int(wait * 1000),
        setbacks=0,
        tree=None,
        tree_base=None,
        payload=payload,
        **({"tip": None, "base": None} if failure.start_over else {}),
    )


async def park(world: World, card: Card, failure: Failure, *, until: int = 0) -> Card:
    """Try the same attempt again later: after `until` (ms), else after a growing backoff, a longer
    one where a host does not answer. After too many setbacks in a row a person is asked."""
    setbacks = card.setbacks + (0 if until else 1)
    outage = failure.reason == VENDOR_UNREACHABLE
    if setbacks > (_OUTAGES if outage else SETBACKS):
        return await block(world, card, failure)
    bounds = {"first": _OUTAGE_FIRST_S, "most": _OUTAGE_MOST_S} if outage else {}
    wait = int(backoff.delay(setbacks or 1, world.chance.fraction(), **bounds) * 1000)
    return await record(
        world,
        card,
        Verb.PARK,
        events=failure.events,
        also=failure.also,
        reason=failure.reason,
        detail=failure.detail,
        setbacks=setbacks,
        not_before=max(until, world.clock.now() + wait),
    )


async def block(world: World, card: Card, failure: Failure, **changes: Any) -> Card:
    """Hand a card to a person, with the reason."""
    if failure.next:
        changes["payload"] = {**changes.get("payload", {}), "next": failure.next}

    def also(tx: Writing) -> None:
        if failure.also is not None:
            failure.also(tx)
        owe(tx, card, world.clock.now())

    return await record(
        world,
        card,
        Verb.BLOCK,
        events=failure.events,
        also=also,
        reason=failure.reason,
        detail=failure.detail,
        not_before=0,
        **changes,
    )


def work_stage(pipeline: Pipeline, name: str | None) -> Stage:
    """Return the work stage of that name, else the last one."""
    stages = pipeline.work_stages
    return next((stage for stage in stages if stage.name == name), stages[-1])
