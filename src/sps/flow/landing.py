"""The landing lane: one card at a time per target, by the protocol of the land ADR.

intent row -> deterministic commit -> recorded -> compare-and-swap on the target -> read back.
A crash anywhere is answered by looking: is the recorded commit on the target already?
"""

from __future__ import annotations

import asyncio

import msgspec

from sps.flow import gating, setback
from sps.flow.gates import passed_all
from sps.flow.ground import Ground
from sps.flow.halt import BASE_RED, halt, resume
from sps.flow.record import Also, fact, note, record
from sps.flow.refusals import next_try
from sps.flow.setback import Failure
from sps.flow.trailers import subject, trailers
from sps.lib.killpoint import reach
from sps.lib.threads import in_slow_thread, in_thread
from sps.model.card import Card, CardState, Landed
from sps.model.errors import SpsError, Stale
from sps.model.event import EventKind
from sps.model.pipeline import LandMode
from sps.model.reason import (
    LANDING_REFUSED,
    OF_SIGNING,
    REMOTE_LOGIN,
    TARGET_DIRTY,
    TARGET_REFUSED,
)
from sps.model.transitions import Verb, move
from sps.ports.store import Landing, Writing
from sps.ports.vault import LandingCommit, Pushed, PushOutcome, TargetState
from sps.ports.world import World

_AGAIN_MS = 10_000


class Lanes:
    """The landing lanes of this process: one lock per landing target."""

    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}

    def of(self, ground: Ground) -> asyncio.Lock:
        """Return the lane of a project's target: cards of one target land one after another."""
        branch = ground.pipeline.land.branch or ground.project.branch
        return self._locks.setdefault(f"{ground.project.repo}\0{branch}", asyncio.Lock())


async def land(world: World, card: Card, ground: Ground) -> Card:
    """Land the card, or say why not yet. The caller holds the lane."""
    if ground.pipeline.land.mode is LandMode.NONE:
        return await _keep(world, card, ground)
    before = await in_thread(world.store.read, lambda tx: tx.landing(card.id))
    target = await in_slow_thread(world.vault.refresh, ground.project, ground.pipeline.land)
    if before is not None and before.commit and await _holds(world, ground, target, before.commit):
        return await _done(world, card, ground, before)
    if target.commit != card.tree_base or not await passed_all(world, card, ground):
        moved = await record(world, card, Verb.REGATE, payload={"target": target.commit})
        card = await gating.gate(world, moved, ground)
        if card.state is not CardState.LANDING:
            return card
    landing = await _intend(world, card, before)
    try:
        recorded = await _recorded_before(world, ground, landing)
        commit = recorded or await _commit(world, card, ground, landing)
    except SpsError as err:
        if err.code not in OF_SIGNING:
            raise
        return await _wait(world, card, err.code, err.message)
    if commit is None:
        failure = Failure(reason="rebase-failed", detail="the commits do not apply one by one")
        stage = setback.work_stage(ground.pipeline, card.stage)
        return await setback.rework(world, card, stage, failure)
    landing = await _recorded(world, card, landing, commit)
    pushed = await in_slow_thread(
        world.vault.push, ground.project, ground.pipeline.land, commit, landing.base
    )
    reach("land-after-push")
    return await _answered(world, card, ground, landing, pushed)


def leave_to_home(world: World, tx: Writing, card: Card) -> Card:
    """Let go of a card that only the home can land: it takes it up as one that nobody carries
    on."""
    if card.worker is None:
        return card
    done = move(card, Verb.PARK, at=world.clock.now(), worker=None, not_before=0)
    return tx.save(done, generation=card.generation)


async def _holds(world: World, ground: Ground, target: TargetState, commit: str) -> bool:
    """Whether the target has a commit of ours already: then a crash came after the push."""
    if not await in_slow_thread(world.vault.exists, ground.project, commit):
        return False
    return await in_slow_thread(world.vault.is_ancestor, ground.project, commit, target.commit)


async def _intend(world: World, card: Card, before: Landing | None) -> Landing:
    """Write down what is going to happen. The same base and tip keep their date, so that the
    repetition after a crash makes the same commit."""
    base, tip, tree = card.tree_base or "", card.tip or "", card.tree or ""
    reach("land-before-intent")
    if before and (before.base, before.tip, before.tree) == (base, tip, tree):
        return before
    landing = Landing(
        card_id=card.id, generation=card.generation, base=base, tip=tip, tree=tree,
        at=world.clock.now(),
    )  # fmt: skip
    told = fact(world, card, EventKind.LAND_INTENT, base=base, tip=tip, tree=tree)

    def change(tx: Writing) -> None:
        tx.save_landing(landing)
        tx.add_event(told)

    await in_thread(world.store.write, change)
    reach("land-after-intent")
    return landing


async def _recorded_before(world: World, ground: Ground, landing: Landing) -> str | None:
    """Return the commit that may have been pushed already. It is never made anew: signed a second
    time it would be another."""
    commit = landing.commit if landing.in_flight else None
    if commit is None:
        return None
    there = await in_slow_thread(world.vault.exists, ground.project, commit)
    return commit if there else None


async def _commit(world: World, card: Card, ground: Ground, landing: Landing) -> str | None:
    """Make the commit that is going to be the target's next one; None when a rebase fails."""
    what = LandingCommit(
        base=landing.base,
        tip=landing.tip,
        tree=landing.tree,
        subject=subject(card),
        trailers=await in_thread(trailers, world, card, ground),
        at=landing.at,
        identity=ground.project.identity,
        sign=ground.pipeline.land.sign,
    )
    project = ground.project
    match ground.pipeline.land.mode:
        case LandMode.SQUASH:
            commit: str | None = await in_slow_thread(world.vault.commit_squash, project, what)
        case LandMode.REBASE:
            commit = await in_slow_thread(world.vault.rebase, project, what)
        case _:
            commit = await in_slow_thread(world.vault.commit_merge, project, what)
    reach("land-after-commit")
    return commit


async def _recorded(world: World, card: Card, landing: Landing, commit: str) -> Landing:
    """Record the commit that is about to be pushed. From here until the target has answered, nobody
    can take the card away: `Landing.in_flight`. Raises `Stale` when somebody did before."""
    gated = msgspec.structs.replace(landing, commit=commit, state="gated")

    def change(tx: Writing) -> None:
        now = tx.card(card.id)
        if now is None or (now.generation, now.state) != (card.generation, CardState.LANDING):
            raise Stale(f"card {card.project}#{card.seq} has moved on")
        tx.save_landing(gated)

    await in_thread(world.store.write, change)
    reach("land-after-record")
    return gated


async def _answered(
    world: World, card: Card, ground: Ground, landing: Landing, pushed: Pushed
) -> Card:
    if pushed.outcome is PushOutcome.LANDED:
        return await _done(world, card, ground, landing)
    settled = msgspec.structs.replace(landing, commit=None, state="intent")

    def settle(tx: Writing) -> None:
        tx.save_landing(settled)  # read back: the target does not hold the commit

    if pushed.outcome is PushOutcome.MOVED:
        return await record(
            world, card, Verb.REGATE, also=settle, payload={"target": pushed.detail}
        )
    if pushed.outcome is PushOutcome.LOGIN:
        await halt(world, ground.project, REMOTE_LOGIN, pushed.detail)
        failure = Failure(reason=REMOTE_LOGIN, detail=pushed.detail, also=settle)
        return await setback.park(world, card, failure, until=world.clock.now())
    reason, detail = TARGET_REFUSED, f"the landing target refused: {pushed.detail}"
    if pushed.outcome is PushOutcome.DIRTY:
        reason = TARGET_DIRTY
        detail = (
            f"{pushed.where or ground.project.repo} has the target branch checked out, which is not"
            f" clean: {pushed.detail}. Once nothing is in the way there, the card lands by itself"
        )
    return await _wait(world, card, reason, detail, settle)


async def _wait(
    world: World, card: Card, reason: str, detail: str, also: Also | None = None
) -> Card:
    """Let the card stand in landing until what its reason names is mended; it is looked at again
    by itself."""
    if card.reason != reason:
        await note(world, card, EventKind.LAND_WAITING, reason=reason, next=detail)
    again = world.clock.now() + _AGAIN_MS
    if reason in LANDING_REFUSED:
        again = await in_thread(world.store.read, lambda tx: next_try(world, tx, card))
    return await record(
        world, card, Verb.WAIT, also=also, reason=reason, detail=detail, not_before=again
    )


async def _done(world: World, card: Card, ground: Ground, landing: Landing) -> Card:
    """Record a landing that the target has been seen to hold."""
    commit = landing.commit or ""
    landed = Landed(commit, landing.tree)
    told = fact(
        world, card, EventKind.LAND_DONE,
        commit=commit, tree=landing.tree, mode=ground.pipeline.land.mode.value,
    )  # fmt: skip
    final = msgspec.structs.replace(landing, state="done")
    card = await record(
        world, card, Verb.LANDED, events=[told], also=lambda tx: tx.save_landing(final),
        landed=landed, not_before=0,
    )  # fmt: skip
    reach("land-after-done")
    if ground.project.halted == BASE_RED:
        await resume(world, ground.project, "the target has moved")
    return card


async def _keep(world: World, card: Card, ground: Ground) -> Card:
    """Mode none: the work stays in the vault under a ref of its own."""
    ref = f"refs/sps/kept/{card.id}"
    await in_slow_thread(world.vault.keep, ground.project, ref, card.tip or "")
    told = fact(world, card, EventKind.LAND_DONE, commit=card.tip, tree=card.tree, mode="none")
    return await record(world, card, Verb.LANDED, events=[told])
