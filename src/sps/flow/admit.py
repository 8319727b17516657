"""From the backlog to a launch: parents, broken references, free slots, open breakers."""

from __future__ import annotations

from typing import Any

import msgspec

from sps.flow import measures
from sps.lib.context import request_mark
from sps.model.card import ACTIVE, Card, CardState
from sps.model.event import Event, EventKind
from sps.model.transitions import Verb, move
from sps.ports.store import CardQuery, Message, Reading, Writing
from sps.ports.world import World


class Trouble(msgspec.Struct, frozen=True):
    """Why a card cannot be admitted by itself."""

    reason: str
    detail: str


def admit(world: World, tx: Writing, project: str) -> int:
    """Let every card of the backlog whose parents are all done become ready; hand cards with
    impossible parents or unknown skills to a person. Returns how many cards moved."""
    moved = 0
    for card in tx.cards(CardQuery(project=project, states=(CardState.BACKLOG,))):
        trouble = trouble_of(world, tx, card)
        at = world.clock.now()
        if trouble is not None:
            done = move(card, Verb.BLOCK, at=at, reason=trouble.reason, detail=trouble.detail)
            measures.moved(tx.save(done))
            moved += 1
        elif parents_done(tx, card):
            tx.save(move(card, Verb.ADMIT, at=at))
            moved += 1
    return moved


def trouble_of(world: World, tx: Reading, card: Card) -> Trouble | None:
    """Return what makes a card impossible as it is written."""
    for name in card.text.skills:
        if world.skills.find(name) is None:
            return Trouble("unknown-skill", f'there is no skill "{name}" in this home')
    for seq in card.text.after:
        parent = tx.card_by_seq(card.project, seq)
        if parent is None:
            return Trouble(
                "unknown-after", f"card {seq}, which this card waits for, does not exist"
            )
        if parent.state is CardState.DROPPED:
            return Trouble("parent-dropped", f"card {seq}, which this card waits for, was dropped")
    if cycle := _cycle(tx, card):
        names = " -> ".join(str(seq) for seq in cycle)
        return Trouble("cycle", f"cards wait for each other: {names}")
    return None


def parents_done(tx: Reading, card: Card) -> bool:
    """Whether every card that this one waits for has landed."""
    parents = (tx.card_by_seq(card.project, seq) for seq in card.text.after)
    return all(parent is not None and parent.state is CardState.DONE for parent in parents)


def _cycle(tx: Reading, card: Card) -> list[int]:
    """Return a chain of numbers that leads from the card back to itself, empty without one."""
    paths = [[card.seq, parent] for parent in card.text.after]
    seen: set[int] = set()
    while paths:
        path = paths.pop()
        if path[-1] == card.seq:
            return path
        if path[-1] in seen:
            continue
        seen.add(path[-1])
        above = tx.card_by_seq(card.project, path[-1])
        if above is not None and above.state is not CardState.DONE:
            paths += [[*path, parent] for parent in above.text.after]
    return []


def start(world: World, tx: Writing, card: Card) -> Card:
    """Claim a ready card: a new generation of it begins to run. The outbox row makes sure that it
    is launched even when this process dies before it could."""
    return _launch(world, tx, card, Verb.START, attempt=max(1, card.attempt))


def resume(world: World, tx: Writing, card: Card) -> Card:
    """Take up a card where it stands, under a new generation: an older launch is fenced off."""
    return _launch(world, tx, card, Verb.RESUME)


def _launch(world: World, tx: Writing, card: Card, verb: Verb, **changes: Any) -> Card:
    at = world.clock.now()
    claimed = move(
        card, verb, at=at, generation=card.generation + 1, worker=world.worker, not_before=0,
        **changes,
    )  # fmt: skip
    saved = tx.save(claimed)
    tx.post(Message(kind="start", key=saved.workflow_id), at)
    return saved


def staged(world: World, card: Card) -> Card:
    """Return the card standing in its stage: a fresh one begins with the first work stage."""
    if card.stage:
        return card
    first = world.pipeline_files.load(card.project).work_stages[0].name
    return msgspec.structs.replace(card, stage=first)


def agent_of(world: World, tx: Reading, card: Card) -> str:
    """Return the name of the agent a launch of the card will need."""
    pipeline = world.pipeline_files.load(card.project)
    stage = pipeline.stage(card.stage) or pipeline.work_stages[0]
    project = tx.project(card.project)
    named = card.text.agent or stage.agent or pipeline.agent
    return named or (project.agent if project else "")


def active(tx: Reading, project: str) -> list[Card]:
    """Return the cards of a project that stand in an active state."""
    return tx.cards(CardQuery(project=project, states=tuple(ACTIVE)))


def added(card: Card, at: int) -> Event:
    """Make the event of a new card."""
    return Event(
        project=card.project,
        card_id=card.id,
        kind=EventKind.CARD_ADDED,
        at=at,
        payload={
            "title": card.text.title,
            "state": card.state.value,
            "seq": card.seq,
            "reason": card.reason,
            **request_mark(),
        },
    )
