"""The work stage: a workspace, an agent in it, and everything it left brought into the vault."""

from __future__ import annotations

from typing import Any

from sps.flow import environment, setback
from sps.flow.ground import Ground
from sps.flow.plan import Plan, Shown, plan
from sps.flow.plan_skills import guests
from sps.flow.quota import limited
from sps.flow.record import fact, record
from sps.flow.session import Session, adopt, begin, end_run, ended, hold
from sps.flow.setback import Failure
from sps.lib.killpoint import reach
from sps.lib.threads import in_slow_thread, in_thread
from sps.model.card import Card
from sps.model.errors import Misuse
from sps.model.event import Event, EventKind
from sps.model.pipeline import Pipeline, Stage
from sps.model.run import FAILURES, FailureKind
from sps.model.transitions import Verb
from sps.ports.vault import Collected, Kept, Workspace
from sps.ports.world import World

COMMENT = "comment"  # words of the owner came too late for the session that just ended


async def work(world: World, card: Card, ground: Ground) -> Card:
    """Run (or take over) the agent session of the card's stage and record what came of it."""
    session = await adopt(world, card)
    if session is None:
        begun = await _begin(world, card, ground)
        if isinstance(begun, Card):
            return begun
        session = begun
    return await _conclude(world, card, ground, session)


async def _begin(world: World, card: Card, ground: Ground) -> Session | Card:
    """Hold a new session; a card that cannot even be planned goes to a person."""
    run_id = world.ids.new()
    target = await in_slow_thread(world.vault.refresh, ground.project, ground.pipeline.land)
    try:
        planned = await _plan(world, card, ground, run_id, target.commit)
    except Misuse as err:
        return await setback.block(world, card, Failure(reason=err.code, detail=err.message))
    start, overlay = _starting_point(card, planned, target.commit)

    what = await environment.for_agent(world, card, ground, start, target.commit)

    def take(kept: tuple[Kept, ...]) -> Workspace:
        lent = guests(planned.kind, planned.skills)
        return world.vault.prepare(ground.project, start, overlay=overlay, guests=lent, kept=kept)

    def lend() -> Workspace:
        reach("work-before-workspace")
        workspace = environment.lend(world, ground.project, what, take)
        reach("work-after-workspace")
        return workspace

    run, workspace = await in_slow_thread(begin, world, card, run_id, planned, ground.project, lend)
    return await hold(world, card, run, planned, workspace)


async def _plan(world: World, card: Card, ground: Ground, run_id: str, target: str) -> Plan:
    diff = ""
    if card.tip:
        changed = await in_slow_thread(world.vault.merge_base, ground.project, target, card.tip)
        old = changed or target
        diff = (await in_slow_thread(world.vault.diff, ground.project, old, card.tip)).text
    return await plan(world, card, ground, run_id=run_id, shown=Shown(diff=diff))


def _starting_point(card: Card, planned: Plan, target: str) -> tuple[str, str | None]:
    """Return (commit, tree to overlay): the card's own tip; after a conflict the target that it
    conflicted with, with the conflict markers of the merge on top; at first the target itself."""
    evidence = planned.evidence
    if evidence and evidence.overlay and evidence.base:
        return evidence.base, evidence.overlay
    return card.tip or target, None


async def _conclude(world: World, card: Card, ground: Ground, session: Session) -> Card:
    message = f"{card.text.title}\n\nCard-Number: {card.project}#{card.seq}"
    collected = await in_slow_thread(
        world.vault.collect, ground.project, session.workspace, session.run.id, message
    )
    reach("work-after-collect")
    told = [ended(world, card, session), _collected(world, card, session, collected)]
    done = await _decide(world, card, ground, session, collected, told)
    reach("work-after-record")
    await in_slow_thread(world.vault.release, ground.project, session.workspace)
    reach("work-after-release")
    return done


async def _decide(
    world: World,
    card: Card,
    ground: Ground,
    session: Session,
    collected: Collected,
    told: list[Event],
) -> Card:
    stage = setback.work_stage(ground.pipeline, session.run.stage)
    report = session.report
    failure = Failure(
        reason=report.code,
        detail=report.detail or f"the agent's session ended: {report.code}",
        next=report.next,
        events=told,
        also=lambda tx: end_run(world, session, tx),
    )
    match FAILURES[report.outcome]:
        case FailureKind.AGENT:
            return await setback.rework(world, card, stage, failure)
        case FailureKind.INFRASTRUCTURE:
            return await setback.park(world, card, failure)
        case FailureKind.LIMIT:
            return await limited(world, card, ground, session, failure)
        case FailureKind.HUMAN:
            return await setback.block(world, card, failure)
    changes: dict[str, Any] = {"tip": collected.tip, "setbacks": 0, "not_before": 0}
    if session.workspace.start != card.tip:  # begun at the target, not at the card's earlier work
        changes["base"] = session.workspace.start
    return await _worked(world, card, ground.pipeline, stage, failure, changes)


async def _worked(
    world: World,
    card: Card,
    pipeline: Pipeline,
    stage: Stage,
    parts: Failure,
    changes: dict[str, Any],
) -> Card:
    stages = pipeline.work_stages
    position = stages.index(stage)
    if await in_thread(world.store.read, lambda tx: tx.outbox(kind="message", key=card.id)):
        return await record(
            world, card, Verb.PARK, events=parts.events, also=parts.also,
            reason=COMMENT, detail="its owner said something more", **changes,
        )  # fmt: skip
    if position + 1 < len(stages):
        following = stages[position + 1].name
        begun = await setback.attempts_of(world, card, following)
        return await record(
            world, card, Verb.NEXT_STAGE, events=parts.events, also=parts.also,
            stage=following, attempt=begun + 1, **changes,
        )  # fmt: skip
    return await record(world, card, Verb.WORKED, events=parts.events, also=parts.also, **changes)


def _collected(world: World, card: Card, session: Session, collected: Collected) -> Event:
    return fact(
        world,
        card,
        EventKind.RUN_COLLECTED,
        session.run.id,
        tip=collected.tip,
        commits=collected.commits,
        uncommitted=list(collected.uncommitted[:50]),
        salvage=collected.salvage,
        left_out=list(collected.left_out[:50]),
    )
