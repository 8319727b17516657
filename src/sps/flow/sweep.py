"""Tidying up after runs that were cut off: processes first, then their work, then their rows."""

from __future__ import annotations

import logging
import time

import msgspec

from sps.flow import breaker, measures, setback, tag
from sps.flow.fleet import others
from sps.flow.place import give_back
from sps.flow.record import Also, current, fact
from sps.flow.session import read_place, read_report
from sps.flow.setback import Failure
from sps.lib import proctree
from sps.lib.killpoint import reach
from sps.lib.threads import in_slow_thread, in_thread
from sps.model.card import Card, CardState
from sps.model.errors import Absent, Held, Misuse, SpsError, Stale
from sps.model.event import EventKind
from sps.model.project import Project
from sps.model.run import Outcome, Run, RunKind
from sps.ports.store import Reading, Writing
from sps.ports.vault import Workspace
from sps.ports.world import World

CUT_OFF = "the run was cut off"
_log = logging.getLogger(__name__)


class _Kept(msgspec.Struct, frozen=True):
    """What a salvage brought: the commit that holds it, or why there is none."""

    tip: str | None = None
    trouble: str = ""


async def sweep(world: World) -> int:
    """Before new work starts: end every process of this home's earlier life, salvage what the cut
    off runs left, end their rows and put their cards back. Returns how many runs were swept.

    A run whose agent had ended is left live, to be taken over by the next launch of its card. One
    that cannot be ended is told in the log and left for the next sweep: the others go on.
    """
    killed = await in_thread(kill_tagged, tag.home_prefix(world))
    await in_slow_thread(world.environments.sweep)
    runs = await in_thread(world.store.read, lambda tx: _ours(world, tx))
    swept = 0
    for run in runs:
        try:
            card = await current(world, run.card_id)
            if card is None or await _adoptable(world, card, run):
                continue
            await end(world, card, run, Outcome.INTERRUPTED, killed)
            swept += 1
        except (SpsError, OSError) as err:
            _log.warning("run not swept", extra={"run_id": run.id, "detail": str(err)})
    return swept


def _ours(world: World, tx: Reading) -> list[Run]:
    """Return the live runs that no other living worker holds."""
    living = others(world, tx)
    return [run for run in tx.runs(live=True) if run.worker not in living]


async def take_back(world: World) -> int:
    """Give workspaces back to their pools that an earlier life of this process had prepared and
    that no live run stands in; what lies in them is kept first. Returns how many."""
    projects = await in_thread(world.store.read, lambda tx: tx.projects())
    live = await in_thread(world.store.read, lambda tx: tx.runs(live=True))
    used = {run.workspace for run in live}
    taken = 0
    for project in projects:
        try:
            places = await in_slow_thread(world.vault.abandoned, project)
        except (SpsError, OSError) as err:
            _log.warning("pool not read", extra={"project": project.name, "detail": str(err)})
            continue
        for place in places:
            if place.path not in used:
                taken += await in_slow_thread(_take_back, world, project, place)
    return taken


def _take_back(world: World, project: Project, place: Workspace) -> bool:
    try:
        give_back(world, project, place)
    except (SpsError, OSError) as err:  # it stays as it is, to be tried at the next start
        _log.warning("workspace not kept", extra={"path": place.path, "detail": str(err)})
        return False
    return True


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


async def end_failed(world: World, card: Card, err: BaseException, *, last: bool = False) -> None:
    """End the live runs of a launch that failed with an error. One whose agent had ended stays for
    the next launch to take over, unless this was the last. Something that is in use elsewhere is no
    failure of the agent's."""
    outcome = Outcome.MISSING if isinstance(err, Absent | Misuse) else Outcome.CRASHED
    outcome = Outcome.CANCELLED if isinstance(err, Held) else outcome
    for run in await in_thread(world.store.read, lambda tx: tx.runs(card_id=card.id, live=True)):
        if last or not await _adoptable(world, card, run):
            await end(world, card, run, outcome, why=str(err))


async def end(
    world: World,
    card: Card,
    run: Run,
    outcome: Outcome,
    killed: dict[int, str] | None = None,
    why: str = CUT_OFF,
) -> None:
    """End a run that did not end by itself: salvage its workspace, close its row, and put its card
    back to the same attempt if the card still stands where the run left it. A workspace that is
    gone or cannot be read does not keep the run from ending: the run says so."""
    mine = f"{tag.home_prefix(world)}{card.id}/{run.generation}/"
    pids = [pid for pid, value in (killed or {}).items() if value.startswith(mine)]
    pids += await in_thread(kill_tagged, mine)
    place = await in_thread(read_place, world.home.run(run.project, run.id))
    project = await in_thread(world.store.read, lambda tx: tx.project(run.project))
    kept = await in_slow_thread(_salvage, world, project, run, place)
    reach("sweep-after-salvage")
    detail = f"{why}; {kept.trouble}" if kept.trouble else why
    told = fact(
        world, card, EventKind.RUN_SWEPT, run.id,
        outcome=outcome.value, pids=pids, salvage=kept.tip, trouble=kept.trouble,
    )  # fmt: skip

    def close(tx: Writing) -> None:
        now = world.clock.now()
        if tx.end_run(run.id, outcome, detail, now):
            tx.add_event(told)
            tx.save_breaker(breaker.after(tx.breaker(run.agent), outcome, now))

    if not await _put_back(world, run, outcome, close):
        await in_thread(world.store.write, close)
    measures.RUNS.add(run.agent, outcome.value)
    reach("sweep-after-record")
    if project is not None and place is not None:
        await in_slow_thread(_release, world, project, place)


def _salvage(world: World, project: Project | None, run: Run, place: Workspace | None) -> _Kept:
    """Bring what a cut off agent left into the vault; reviewers leave nothing."""
    if project is None or place is None or run.kind is RunKind.REVIEW:
        return _Kept()
    try:
        kept = world.vault.collect(project, place, run.id, f"Salvage of run {run.id}")
    except (SpsError, OSError) as err:
        _log.warning("work not salvaged", extra={"run_id": run.id, "detail": str(err)})
        return _Kept(None, f"its work could not be kept: {err}")
    return _Kept(kept.tip)


def _release(world: World, project: Project, place: Workspace) -> None:
    """Free a workspace; one whose work could not be kept stays, and is tried at the next start."""
    try:
        world.vault.release(project, place)
    except (SpsError, OSError) as err:
        _log.warning("workspace not freed", extra={"path": place.path, "detail": str(err)})


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
    """Whether the agent had ended: its report is there, and its card still waits for it, be it to
    be launched once more because what followed the report failed."""
    waiting = card.state is CardState.READY and card.attempt == run.attempt
    if card.stage != run.stage:
        return False
    if not waiting and card.state not in (CardState.RUNNING, CardState.REVIEW):
        return False
    folder = world.home.run(run.project, run.id)
    return await in_thread(read_report, folder) is not None


def kill_tagged(prefix: str) -> dict[int, str]:
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
