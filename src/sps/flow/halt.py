"""Stopping and resuming a project as a whole: some failures are nobody's card's."""

from __future__ import annotations

import msgspec

from sps.flow.environment import judged_in, may_work
from sps.flow.gates import verdict_key
from sps.flow.ground import Ground, ground
from sps.lib.threads import in_slow_thread, in_thread
from sps.model.card import CardState
from sps.model.errors import SpsError
from sps.model.event import Event, EventKind
from sps.model.pipeline import LandMode
from sps.model.project import Project
from sps.model.reason import OF_REMOTE, PIPELINE_BROKEN
from sps.ports.files import PipelineBroken
from sps.ports.store import CardQuery, Reading, Writing
from sps.ports.world import World

BASE_RED = "base-red"  #: a gate fails on the target without any card
SETUP_FAILED = "setup-failed"  #: the environment cannot be made on the target without any card
CARD_FAILED = "card-failed"  #: the pipeline wants to stop when a card needs a person


async def halt(world: World, project: Project, reason: str, detail: str) -> None:
    """Start no new work in a project until its reason is gone."""
    await in_thread(world.store.write, lambda tx: set_halt(world, tx, project.name, reason, detail))


async def resume(world: World, project: Project, why: str) -> None:
    """Let a project work again."""
    await in_thread(world.store.write, lambda tx: set_halt(world, tx, project.name, None, why))


async def halt_broken(world: World, name: str, err: PipelineBroken) -> None:
    """Halt a project whose pipeline cannot be read."""
    detail = err.message
    await in_thread(
        world.store.write, lambda tx: set_halt(world, tx, name, PIPELINE_BROKEN, detail)
    )


async def halt_remote(world: World, name: str, err: SpsError) -> None:
    """Halt a project whose landing target cannot be spoken with."""
    code, detail = err.code, err.message
    await in_thread(world.store.write, lambda tx: set_halt(world, tx, name, code, detail))


def set_halt(world: World, tx: Writing, name: str, reason: str | None, detail: str) -> None:
    """Halt a project, or with None let it work again, and tell it once."""
    project = tx.project(name)
    if project is None or project.halted == reason:
        return
    kept = detail if reason else ""
    tx.save_project(msgspec.structs.replace(project, halted=reason, halt_detail=kept))
    kind = EventKind.PROJECT_HALTED if reason else EventKind.PROJECT_RESUMED
    payload = {"reason": reason, "detail": detail} if reason else {"why": detail}
    tx.add_event(Event(project=name, kind=kind, at=world.clock.now(), payload=payload))


async def recheck(world: World, name: str) -> None:
    """Resume a halted project whose reason is gone. Raises `PipelineBroken` while it cannot be
    read."""
    where = await ground(world, name)
    if where.project.halted == PIPELINE_BROKEN:
        await resume(world, where.project, "the pipeline can be read again")
    if where.project.halted == BASE_RED and not await _still_red(world, where):
        await resume(world, where.project, "the target or its gates have changed")
    if where.project.halted in OF_REMOTE and await _answers(world, where):
        await resume(world, where.project, "the landing target answers")
    if where.project.halted == SETUP_FAILED and await may_work(world, where):
        await resume(world, where.project, "the setup is tried again")
    if where.project.halted == CARD_FAILED and not await _waiting(world, name):
        await resume(world, where.project, "no card waits for a person")


async def _answers(world: World, where: Ground) -> bool:
    """Whether the landing target would speak with us about a landing; if not, the project says why
    as it is now."""
    land = where.pipeline.land
    ask = world.vault.target if land.mode is LandMode.NONE else world.vault.knock
    try:
        await in_slow_thread(ask, where.project, land)
    except SpsError as err:
        if err.code not in OF_REMOTE:
            raise
        await halt_remote(world, where.project.name, err)
        return False
    return True


async def _still_red(world: World, where: Ground) -> bool:
    """Whether the gates that are in force now were red on the target as it is now."""
    target = await in_slow_thread(world.vault.refresh, where.project, where.pipeline.land)
    tree = await in_slow_thread(world.vault.tree_of, where.project, target.commit)
    project, pipeline = where.project, where.pipeline
    # Skills judge what a change adds: the target itself adds nothing.
    gates = [gate for gate in pipeline.gates if gate.run]
    made = await judged_in(world, project, pipeline, tree)
    keys = [verdict_key(project, pipeline, gate, tree, made=made) for gate in gates]

    def question(tx: Reading) -> bool:
        known = [tx.gate_verdict(key) for key in keys]
        return any(v is not None and not v.ok and not v.timed_out for v in known)

    return await in_thread(world.store.read, question)


async def _waiting(world: World, name: str) -> bool:
    query = CardQuery(project=name, states=(CardState.NEEDS_HUMAN,), limit=1)
    return bool(await in_thread(world.store.read, lambda tx: tx.cards(query)))
