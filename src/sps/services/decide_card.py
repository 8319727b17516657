"""A person's decision on a change: approve it, or send it back with a comment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from sps.flow.review import as_text, onward, verdict_event
from sps.flow.setback import Evidence, work_stage
from sps.lib.context import request_mark
from sps.model.card import Card, CardState
from sps.model.errors import Misuse, Stale
from sps.model.event import Event, EventKind
from sps.model.reason import AWAITING
from sps.model.transitions import Verb, move
from sps.model.verdict import Comment, Decision, Verdict
from sps.ports.store import EventQuery
from sps.services import lookup

if TYPE_CHECKING:
    from sps.model.pipeline import Pipeline
    from sps.ports.store import Reading, Writing
    from sps.ports.world import World

OWNER = "owner"


def approve_card(
    world: World,
    project: str,
    seq: int,
    *,
    by: str = OWNER,
    seen: str | None = None,
    comments: tuple[Comment, ...] = (),
) -> Card:
    """Agree to a change that waits in review, or accept findings that were held back; `comments`
    are kept with the agreement. The approval is bound to the change as it is now; `seen` is the
    tree or commit that was looked at. Raises `Misuse("not-waiting")`, and `Stale` when the change
    is not the one seen any more."""
    world.store.read(lambda tx: lookup.card(tx, project, seq))
    pipeline = lookup.pipeline(world, project)

    def change(tx: Writing) -> Card:
        card = lookup.card(tx, project, seq)
        _refuse_unseen(card, seen)
        if _awaits(card):
            _note(world, tx, card, _verdict(card, Decision.APPROVE, by, comments))
            return _satisfied(world, tx, card, pipeline)
        if held_back(tx, card):
            _note(world, tx, card, _verdict(card, Decision.APPROVE, by, comments))
            return tx.save(
                move(
                    card, Verb.APPROVED, at=world.clock.now(), waived=card.tip, not_before=0,
                    setbacks=0, payload=request_mark(),
                )
            )  # fmt: skip
        raise _not_waiting(card, "approve")

    card = world.store.write(change)
    world.wake.ring()
    return card


def reject_card(
    world: World,
    project: str,
    seq: int,
    comments: tuple[Comment, ...],
    *,
    by: str = OWNER,
    seen: str | None = None,
) -> Card:
    """Send a change back to work with comments, all as one message, as a new attempt; a person may
    do so more often than the stage's attempts allow. `seen` is the tree or commit that was looked
    at. Raises `Misuse` with empty-comment or not-waiting, and `Stale` when the change is another
    one now."""
    if not comments:
        raise Misuse(
            "empty-comment", "say what should be different, so that the next attempt can do it",
            hint=f'sps card reject {project} {seq} --comment "..."',
        )  # fmt: skip
    world.store.read(lambda tx: lookup.card(tx, project, seq))
    pipeline = lookup.pipeline(world, project)

    def change(tx: Writing) -> Card:
        card = lookup.card(tx, project, seq)
        _refuse_unseen(card, seen)
        if _awaits(card):
            verb = Verb.REWORK
        elif held_back(tx, card):
            verb = Verb.RETRY
        else:
            raise _not_waiting(card, "reject")
        verdict = _verdict(card, Decision.CHANGES, by, comments)
        _note(world, tx, card, verdict)
        return tx.save(_back(world, tx, card, pipeline, verb, verdict))

    card = world.store.write(change)
    world.wake.ring()
    return card


def held_back(tx: Reading, card: Card) -> bool:
    """Whether a card waits because of findings that a person may accept."""
    if card.state is not CardState.NEEDS_HUMAN or not card.tip:
        return False
    held = [
        event
        for event in tx.events(EventQuery(card_id=card.id))
        if event.kind is EventKind.GATE_HELD
    ]
    codes = {finding["code"] for event in held[-1:] for finding in event.payload["findings"]}
    return card.reason in codes


def _refuse_unseen(card: Card, seen: str | None) -> None:
    if seen and seen not in (card.tree, card.tip):
        raise Stale(f"card {card.seq} has another change now than the one you looked at")


def _awaits(card: Card) -> bool:
    return card.state is CardState.REVIEW and card.reason == AWAITING


def _verdict(card: Card, decision: Decision, by: str, comments: tuple[Comment, ...]) -> Verdict:
    return Verdict(
        decision=decision, comments=comments, by=by, tree=card.tree or "", tip=card.tip or ""
    )


def _note(world: World, tx: Writing, card: Card, verdict: Verdict) -> None:
    event: Event = verdict_event(world, card, verdict)
    tx.save_verdict(card.id, verdict, world.clock.now())
    tx.add_event(event)


def _satisfied(world: World, tx: Writing, card: Card, pipeline: Pipeline) -> Card:
    verb, changes = onward(tx, card, pipeline)
    return tx.save(move(card, verb, at=world.clock.now(), payload=request_mark(), **changes))


def _back(
    world: World, tx: Reading, card: Card, pipeline: Pipeline, verb: Verb, verdict: Verdict
) -> Any:
    stage = pipeline.stage(card.stage)
    blamed = work_stage(pipeline, (stage.on_fail if stage else None) or card.stage)
    evidence = Evidence(reason="changes-requested", text=as_text(verdict))
    return move(
        card,
        verb,
        at=world.clock.now(),
        stage=blamed.name,
        attempt=tx.attempts(card.id, blamed.name) + 1,
        reason="changes-requested",
        detail=f"{verdict.by} asks for changes",
        not_before=0,
        setbacks=0,
        tree=None,
        tree_base=None,
        generation=card.generation + 1,
        worker=None,
        payload={"evidence": msgspec.to_builtins(evidence), **request_mark()},
    )


def _not_waiting(card: Card, verb: str) -> Misuse:
    retry = f"sps card retry {card.project} {card.seq}"
    instead = {
        CardState.NEEDS_HUMAN: f"send it back to work with: {retry}",
        CardState.REVIEW: "its review goes on by itself",
    }.get(card.state, "nothing of it waits for a decision")
    return Misuse(
        "not-waiting",
        f"card {card.project}#{card.seq} is {card.state.value}"
        f"{f' ({card.reason})' if card.reason else ''}: there is nothing to {verb}; {instead}",
        hint=f"sps why {card.project} {card.seq}",
    )
