"""Runs in progress, and stopping one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sps.flow.fleet import others
from sps.lib.lock import holder
from sps.lib.times import rfc3339
from sps.model.errors import Misuse
from sps.ports.store import Message
from sps.services import lookup

if TYPE_CHECKING:
    from sps.model.run import Run
    from sps.ports.store import Reading, Worker, Writing
    from sps.ports.world import World


class RunView(msgspec.Struct, frozen=True, kw_only=True):
    """One run in progress. `pid` is null while its agent is not started. `cut_off`: neither a
    daemon nor a tick works on the home, so this is over, and its card goes on with the next one."""

    run: str
    project: str
    seq: int
    title: str
    kind: str
    stage: str
    attempt: int
    agent: str
    worker: str
    pid: int | None
    started_at: str
    age_seconds: float
    cut_off: bool


class WorkerView(msgspec.Struct, frozen=True, kw_only=True):
    """A process that works on a home in PostgreSQL. `alive` is what its lease says."""

    id: str
    role: str
    host: str
    pid: int
    alive: bool
    started_at: str
    runs: int


class RunList(msgspec.Struct, frozen=True, kw_only=True):
    """All runs in progress, oldest first, and the workers of a home that many share."""

    runs: list[RunView]
    workers: list[WorkerView]


def list_runs(world: World) -> RunList:
    """List the runs in progress and who works."""
    now, alone = world.clock.now(), holder(world.home.lock) is None

    def question(tx: Reading) -> RunList:
        living, runs = others(world, tx), tx.runs(live=True)
        views = [_view(tx, run, now, cut_off=alone and run.worker not in living) for run in runs]
        names = [run.worker for run in runs]
        return RunList(runs=views, workers=[_worker(one, names) for one in tx.workers()])

    return world.store.read(question)


def _worker(one: Worker, names: list[str]) -> WorkerView:
    return WorkerView(
        id=one.id,
        role=one.role,
        host=one.host,
        pid=one.pid,
        alive=one.alive,
        started_at=rfc3339(one.started_at),
        runs=names.count(one.id),
    )


def kill_run(world: World, run_id: str) -> RunView:
    """Have a run stopped; its card goes back and the same attempt is tried again later. Raises
    `Misuse("unknown-run")`."""
    now = world.clock.now()

    def change(tx: Writing) -> RunView:
        run = lookup.live_run(tx, run_id)
        card = tx.card(run.card_id)
        if card is None or card.generation != run.generation:
            raise Misuse(
                "unknown-run", f"run {run.id} is being stopped already", hint="sps worker ps"
            )
        tx.post(Message(kind="cancel", key=card.workflow_id, payload=run.worker), now)
        return _view(tx, run, now)

    killed = world.store.write(change)
    world.wake.ring()
    return killed


def _view(tx: Reading, run: Run, now: int, *, cut_off: bool = False) -> RunView:
    card = tx.card(run.card_id)
    return RunView(
        run=run.id,
        project=run.project,
        seq=card.seq if card else 0,
        title=card.text.title if card else "",
        kind=run.kind.value,
        stage=run.stage,
        attempt=run.attempt,
        agent=run.agent,
        worker=run.worker,
        pid=run.pid or None,
        started_at=rfc3339(run.started_at),
        age_seconds=round(max(0, now - run.started_at) / 1000, 1),
        cut_off=cut_off,
    )
