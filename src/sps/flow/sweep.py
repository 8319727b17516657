"""Tidying up after runs that were cut off: processes first, then their work, then their rows."""

from __future__ import annotations

import time

from sps.flow import setback, tag
from sps.flow.ground import Ground, ground
from sps.flow.record import Also, current, fact
from sps.flow.session import read_place, read_report
from sps.flow.setback import Failure
from sps.lib import proctree
from sps.lib.killpoint import reach
from sps.lib.threads import in_thread
from sps.model.card import Card, CardState
from sps.model.errors import Stale, WorkFailed
from sps.model.event import EventKind
from sps.model.project import Project
from sps.model.run import Outcome, Run, RunKind
from sps.ports.store import Writing
from sps.ports.vault import Workspace
from sps.ports.world import World


async def sweep(world: World) -> int:
    """Before new work starts: end every process of this home's earlier life, salvage what the cut
    off runs left, end their rows and put their cards back. Returns how many runs were swept.

    A run whose agent had ended is left live, to be taken over by the next launch of its card.
    """
    killed = await in_thread(_kill_tagged, tag.home_prefix(world))
    runs = await in_thread(world.store.read, lambda tx: tx.runs(live=True))
    swept = 0
    for run in runs:
        card = await current(world, run.card_id)
        if card is None or await _adoptable(world, card, run):
            continue
        await end(world, card, run, Outcome.INTERRUPTED, killed)
        swept += 1
    return swept


async def take_back(world: World) -> int:
    """Give workspaces back to their pools that an earlier life of this process had prepared and
    that no live run stands in; what lies in them is kept first. Returns how many."""
    projects = await in_thread(world.store.read, lambda tx: tx.projects())
    live = await in_thread(world.store.read, lambda tx: tx.runs(live=True))
    used = {run.workspace for run in live}
    taken = 0
    for project in projects:
        for place in await in_thread(world.vault.abandoned, project):
            if place.path not in used:
                await in_thread(_take_back, world, project, place)
                taken += 1
    return taken


def _take_back(world: World, project: Project, place: Workspace) -> None:
    try:
        world.vault.release(project, place)
    except WorkFailed:  # not collected yet
        run_id = world.ids.new()
        world.vault.collect(project, place, run_id, f"Left in a workspace, kept as {run_id}")
        world.vault.release(project, place)


async def cut_off(world: World, card_id: str, generation: int) -> None:
    """End the live runs of a launch that was cancelled. The card keeps its attempt when SPS is
    stopping; when its owner took it away, the run counts as cancelled."""
    card = await current(world, card_id)
    runs = await in_thread(world.store.read, lambda tx: tx.runs(card_id=card_id, live=True))
    for run in runs:
        if card is None or await _adoptable(world, card, run):
            continue
        still = card.generation == generation
        await end(world, card, run, Outcome.INTERRUPTED if still else Outcome.CANCELLED)


async def end(
    world: World, card: Card, run: Run, outcome: Outcome, killed: dict[int, str] | None = None
) -> None:
    """End a run that did not end by itself: salvage its workspace, close its row, and put its card
    back to the same attempt if the card still stands where the run left it."""
    mine = f"{tag.home_prefix(world)}{card.id}/{run.generation}/"
    pids = [pid for pid, value in (killed or {}).items() if value.startswith(mine)]
    pids += await in_thread(_kill_tagged, mine)
    place = await in_thread(read_place, world.home.run(run.project, run.id))
    where = await ground(world, run.project)
    kept = await _salvage(world, where, run, place)
    reach("sweep-after-salvage")
    told = fact(
        world, card, EventKind.RUN_SWEPT, run.id, outcome=outcome.value, pids=pids, salvage=kept
    )

    def close(tx: Writing) -> None:
        if tx.end_run(run.id, outcome, "the run was cut off", world.clock.now()):
            tx.add_event(told)

    if not await _put_back(world, run, outcome, close):
        await in_thread(world.store.write, close)
    reach("sweep-after-record")
    if place is not None:
        await in_thread(world.vault.release, where.project, place)


async def _salvage(world: World, where: Ground, run: Run, place: Workspace | None) -> str | None:
    """Bring what a cut off agent left into the vault; reviewers leave nothing."""
    if place is None or run.kind is RunKind.REVIEW:
        return None
    message = f"Salvage of run {run.id}"
    kept = await in_thread(world.vault.collect, where.project, place, run.id, message)
    return kept.tip


async def _put_back(world: World, run: Run, outcome: Outcome, close: Also) -> bool:
    """Return the card to where it can be launched again; False when that is not ours to do."""
    card = await current(world, run.card_id)
    expected = CardState.REVIEW if run.kind is RunKind.REVIEW else CardState.RUNNING
    if card is None or outcome is not Outcome.INTERRUPTED:
        return False
    if card.state is not expected or card.generation != run.generation:
        return False
    failure = Failure(
        reason=outcome.value, detail="SPS was stopped while the agent worked", also=close
    )
    try:
        await setback.park(world, card, failure, until=world.clock.now())
    except Stale:
        return False
    return True


async def _adoptable(world: World, card: Card, run: Run) -> bool:
    """Whether the agent had ended: its report is there, and its card still waits for it."""
    if card.state not in (CardState.RUNNING, CardState.REVIEW) or card.stage != run.stage:
        return False
    folder = world.home.run(run.project, run.id)
    return await in_thread(read_report, folder) is not None


def _kill_tagged(prefix: str) -> dict[int, str]:
    """Kill every process that carries a tag with this prefix, until none is left."""
    all_killed: dict[int, str] = {}
    for _ in range(10):  # a fork may win the race once or twice, not ten times
        found = proctree.tagged(tag.VARIABLE, prefix)
        if not found:
            break
        proctree.kill_all(found)
        all_killed |= found
        time.sleep(0.02)
    return all_killed
