"""The review stages: an agent, a person, or both say whether a tree may land."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from sps.flow import environment, setback
from sps.flow.ground import Ground
from sps.flow.plan import Shown, plan
from sps.flow.quota import limited
from sps.flow.record import Also, fact, record
from sps.flow.session import Session, adopt, begin, end_run, ended, hold, verdict_path
from sps.flow.setback import Failure
from sps.lib import plain_file
from sps.lib.killpoint import reach
from sps.lib.threads import in_slow_thread, in_thread
from sps.model.card import Card
from sps.model.errors import Misuse
from sps.model.event import Event, EventKind
from sps.model.pipeline import Approve, Pipeline, Stage
from sps.model.reason import AWAITING
from sps.model.run import FAILURES, FailureKind
from sps.model.transitions import Verb
from sps.model.verdict import Comment, Decision, Verdict
from sps.ports.store import EventQuery, Reading, Writing
from sps.ports.world import World

_VERDICT_LIMIT = 1024 * 1024
_COMMENTS = 200


class _Written(msgspec.Struct, forbid_unknown_fields=False):
    """The verdict file as a reviewer writes it."""

    verdict: Decision
    comments: list[Comment] = []


async def review(world: World, card: Card, ground: Ground) -> Card:
    """Carry out the review stage the card stands in, as far as it needs no person."""
    stage = ground.pipeline.stage(card.stage)
    if stage is None or stage not in ground.pipeline.review_stages:
        return await satisfied(world, card, ground.pipeline)
    if stage.approve is Approve.PERSON and stage.agent is None and stage.profile is None:
        return await _await_person(world, card, [])
    session = await adopt(world, card)
    if session is None:
        begun = await _begin(world, card, ground)
        if isinstance(begun, Card):
            return begun
        session = begun
    done = await _conclude(world, card, ground, stage, session)
    await in_slow_thread(world.vault.release, ground.project, session.workspace)
    return done


async def satisfied(
    world: World,
    card: Card,
    pipeline: Pipeline,
    *,
    events: Sequence[Event] = (),
    also: Also | None = None,
) -> Card:
    """Move on after a review stage that agrees."""
    verb, changes = await in_thread(world.store.read, lambda tx: onward(tx, card, pipeline))
    return await record(world, card, verb, events=events, also=also, **changes)


def onward(tx: Reading, card: Card, pipeline: Pipeline) -> tuple[Verb, dict[str, Any]]:
    """Return the verb and the changes that follow when a card's review stage agrees: on to the next
    review stage, else to landing, with the approval bound to the tip."""
    names = [stage.name for stage in pipeline.review_stages]
    position = names.index(card.stage) + 1 if card.stage in names else len(names)
    changes: dict[str, Any] = {"setbacks": 0, "not_before": 0}
    if position < len(names):
        following = names[position]
        begun = tx.attempts(card.id, following)
        return Verb.REVIEWED, {**changes, "stage": following, "attempt": begun + 1}
    last = pipeline.work_stages[-1].name
    tried = tx.attempts(card.id, last)
    return Verb.APPROVED, {**changes, "stage": last, "attempt": tried, "approved": card.tip}


async def _begin(world: World, card: Card, ground: Ground) -> Session | Card:
    run_id = world.ids.new()
    tree, base = card.tree or "", card.tree_base or ""
    diff = await in_slow_thread(world.vault.diff, ground.project, base, tree)
    try:
        planned = await plan(
            world,
            card,
            ground,
            run_id=run_id,
            shown=Shown(
                diff=diff.text,
                gate_report=await _gate_report(world, card),
                sentences=await _sentences(world, card),
            ),
        )
    except Misuse as err:
        return await setback.block(world, card, Failure(reason=err.code, detail=err.message))
    what = await environment.for_agent(world, card, ground, tree, base)
    run, workspace = await in_slow_thread(
        begin, world, card, run_id, planned, ground.project,
        lambda: environment.lend(
            world, ground.project, what,
            lambda kept: world.vault.checkout(ground.project, tree, kept=kept),
        ),
    )  # fmt: skip
    return await hold(world, card, run, planned, workspace)


async def _sentences(world: World, card: Card) -> tuple[str, ...]:
    """Return what the checks of skills leave to a reader, as of the tree under review."""
    events = await in_thread(world.store.read, lambda tx: tx.events(EventQuery(card_id=card.id)))
    checked = [
        event.payload
        for event in events
        if event.kind is EventKind.SKILLS_CHECKED and event.payload["tree"] == card.tree
    ]
    return tuple(str(one["says"]) for one in checked[-1]["judge"]) if checked else ()


async def _gate_report(world: World, card: Card) -> str:
    verdicts = await in_thread(world.store.read, lambda tx: tx.gate_verdicts(card.id))
    newest = {verdict.name: verdict for verdict in verdicts if verdict.tree == card.tree}
    lines = [
        f"- {verdict.name}: {'passed' if verdict.ok else 'failed, waived by a person,'} on tree "
        f"{verdict.tree[:12]}, `{verdict.command}`, {verdict.seconds} s"
        for verdict in newest.values()
    ]
    return "\n".join(lines) or "No gate: nothing was tested."


async def _conclude(
    world: World, card: Card, ground: Ground, stage: Stage, session: Session
) -> Card:
    report = session.report
    failure = Failure(
        reason=report.code,
        detail=report.detail or f"the reviewer's session ended: {report.code}",
        next=report.next,
        events=[ended(world, card, session)],
        also=lambda tx: end_run(world, session, tx),
    )
    match FAILURES[report.outcome]:
        case FailureKind.HUMAN:
            return await setback.block(world, card, failure)
        case FailureKind.LIMIT:
            return await limited(world, card, ground, session, failure)
        case FailureKind.AGENT | FailureKind.INFRASTRUCTURE:
            return await setback.park(world, card, failure)
    verdict = await in_thread(_read_verdict, world, card, session)
    if verdict is None:
        missing = msgspec.structs.replace(
            failure, reason="no-verdict", detail="the reviewer left no valid verdict"
        )
        return await setback.park(world, card, missing)
    return await _judged(world, card, ground, stage, failure, verdict)


def _read_verdict(world: World, card: Card, session: Session) -> Verdict | None:
    """Read the verdict file; None when it is missing or not what was asked for."""
    path = verdict_path(world, card, session.run.id)
    try:
        content, _ = plain_file.read(path, _VERDICT_LIMIT)
        written = msgspec.json.decode(content, type=_Written)
    except (OSError, plain_file.NotPlain, plain_file.TooLarge):
        return None
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return Verdict(
        decision=written.verdict,
        comments=tuple(_tidy(comment) for comment in written.comments[:_COMMENTS]),
        by=session.run.agent,
        tree=card.tree or "",
        tip=card.tip or "",
    )


def _tidy(comment: Comment) -> Comment:
    return Comment(
        path=re.sub(r"[\x00-\x1f]", " ", comment.path)[:500],
        line=max(0, comment.line),
        text=comment.text[:10_000],
        end=max(0, comment.end),
    )


async def _judged(
    world: World, card: Card, ground: Ground, stage: Stage, parts: Failure, verdict: Verdict
) -> Card:
    def keep(tx: Writing) -> None:
        if parts.also is not None:
            parts.also(tx)
        tx.save_verdict(card.id, verdict, world.clock.now())

    told = [*parts.events, verdict_event(world, card, verdict)]
    reach("review-before-record")
    if verdict.decision is Decision.CHANGES and stage.approve is not Approve.NONE:
        failure = Failure(
            reason="changes-requested",
            detail=f"{verdict.by} asks for changes",
            text=as_text(verdict),
            events=told,
            also=keep,
        )
        back = setback.work_stage(ground.pipeline, stage.on_fail)
        return await setback.rework(world, card, back, failure)
    if stage.approve is Approve.PERSON:
        return await _await_person(world, card, told, also=keep)
    return await satisfied(world, card, ground.pipeline, events=told, also=keep)


async def _await_person(
    world: World, card: Card, told: Sequence[Event], also: Also | None = None
) -> Card:
    return await record(
        world,
        card,
        Verb.WAIT,
        events=told,
        also=also,
        reason=AWAITING,
        detail="a person has to approve or reject this change",
    )


def verdict_event(world: World, card: Card, verdict: Verdict) -> Event:
    """Make the event of a verdict."""
    return fact(
        world,
        card,
        EventKind.REVIEW_VERDICT,
        by=verdict.by,
        verdict=verdict.decision.value,
        comments=msgspec.to_builtins(verdict.comments),
        tree=verdict.tree,
        tip=verdict.tip,
    )


def as_text(verdict: Verdict) -> str:
    """Write comments as lines an agent can work through."""
    return "\n".join(comment.said for comment in verdict.comments) or "No comment was given."
