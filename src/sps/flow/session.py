"""Holding one agent session, so that a crash at any point neither repeats nor loses it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from sps.flow import breaker, spans, tag
from sps.flow.place import give_back
from sps.flow.plan import Plan
from sps.flow.plan_skills import pins, tokens
from sps.flow.record import fact
from sps.flow.scribe import Scribe
from sps.lib import atomic
from sps.lib.context import bound
from sps.lib.killpoint import reach
from sps.lib.threads import in_thread
from sps.model.card import Card
from sps.model.errors import SpsError
from sps.model.event import Event, EventKind
from sps.model.pipeline import StageKind
from sps.model.project import Project
from sps.model.run import Run, RunKind
from sps.ports.agent import AgentJob, AgentReport
from sps.ports.store import Reading, Writing
from sps.ports.vault import Workspace
from sps.ports.world import World

_log = logging.getLogger(__name__)
_REPORT = "report.json"
_PLACE = "workspace.json"


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A session that is over: its run, where it worked and how the agent says it ended."""

    run: Run
    workspace: Workspace
    report: AgentReport
    adopted: bool  #: the agent ran in an earlier life of this process


async def adopt(world: World, card: Card) -> Session | None:
    """Return the session that ended before a crash and was not yet recorded, if there is one."""

    def question(tx: Reading) -> list[Run]:
        return tx.runs(card_id=card.id, live=True)

    for run in await in_thread(world.store.read, question):
        folder = world.home.run(card.project, run.id)
        report = read_report(folder)
        place = read_place(folder)
        if report is not None and place is not None:
            return Session(run=run, workspace=place, report=report, adopted=True)
    return None


def read_report(folder: Path) -> AgentReport | None:
    """Return the report an ended agent session left in its run folder: the witness that the agent
    must not run again."""
    try:
        return msgspec.json.decode((folder / _REPORT).read_bytes(), type=AgentReport)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def read_place(folder: Path) -> Workspace | None:
    """Return the workspace a run was given."""
    try:
        return msgspec.json.decode((folder / _PLACE).read_bytes(), type=Workspace)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def begin(
    world: World,
    card: Card,
    run_id: str,
    plan: Plan,
    project: Project,
    lend: Callable[[], Workspace],
) -> tuple[Run, Workspace]:
    """Take a workspace and start a run in it; on an error the workspace is given back. Blocks, so
    that a cancellation finds either neither of the two or a live run."""
    workspace = lend()
    review = plan.stage.kind is StageKind.REVIEW
    run = Run(
        id=run_id,
        card_id=card.id,
        project=card.project,
        generation=card.generation,
        stage=plan.stage.name,
        attempt=plan.attempt,
        kind=RunKind.REVIEW if review else RunKind.WORK,
        agent=plan.kind.name,
        worker=world.worker,
        workspace=workspace.path,
        started_at=world.clock.now(),
    )
    begun = _started(world, card, run, plan)
    try:
        _lay_out(world.home.run(card.project, run_id), plan.prompt, workspace)
        world.store.write(lambda tx: _begin(tx, run, begun, plan.messages))
    except (SpsError, OSError):
        try:
            give_back(world, project, workspace)
        except (SpsError, OSError) as err:  # kept at the next start; the first error is the cause
            _log.warning("workspace not freed", extra={"detail": str(err)})
        raise
    reach("work-after-run-row")
    return run, workspace


async def hold(world: World, card: Card, run: Run, plan: Plan, workspace: Workspace) -> Session:
    """Hold the session of a run to the end and keep the report on disk.

    When this fails or is cancelled the agent is dead, the run still live and without a report:
    whoever sees that ends it with `flow.sweep`.
    """
    folder = world.home.run(card.project, run.id)
    with bound(run_id=run.id):
        scribe = Scribe(world, card, run)
        try:
            report = await world.agents.run(_job(world, card, run, plan, folder), scribe)
        finally:
            await asyncio.shield(scribe.close())
    reach("work-after-agent")
    await in_thread(atomic.write, folder / _REPORT, msgspec.json.encode(report))
    reach("work-after-report")
    return Session(run=run, workspace=workspace, report=report, adopted=False)


def ended(world: World, card: Card, session: Session) -> Event:
    """Make the event that a run has ended."""
    report = session.report
    return fact(
        world,
        card,
        EventKind.RUN_ENDED,
        session.run.id,
        agent=session.run.agent,
        outcome=report.code,
        detail=report.detail,
        seconds=round((world.clock.now() - session.run.started_at) / 1000, 3),
        usage=msgspec.to_builtins(report.usage),
    )


def end_run(world: World, session: Session, tx: Writing) -> None:
    """End the run in the transaction that records what follows from it."""
    report, run, now = session.report, session.run, world.clock.now()
    tx.add_usage(run.id, report.usage)
    if tx.end_run(run.id, report.outcome, report.detail, now):
        tx.save_breaker(
            breaker.after(tx.breaker(run.agent), report.outcome, now, retry_at=report.retry_at)
        )


def verdict_path(world: World, card: Card, run_id: str) -> Path:
    """Return the file a reviewer writes its verdict to; alone in a folder that it may write."""
    return world.home.run(card.project, run_id) / "verdict" / "verdict.json"


def _begin(tx: Writing, run: Run, event: Event, told: Sequence[int]) -> None:
    """Insert the run; what its prompt tells the agent is not waiting any more."""
    tx.start_run(run)
    tx.add_event(event)
    for message_id in told:
        tx.delivered(message_id, run.started_at)


def _lay_out(folder: Path, prompt: str, workspace: Workspace) -> None:
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    (folder / "verdict").mkdir(mode=0o700, exist_ok=True)
    (folder / "prompt.md").write_bytes(prompt.encode("utf-8", "replace"))
    (folder / _PLACE).write_bytes(msgspec.json.encode(workspace))


def _started(world: World, card: Card, run: Run, plan: Plan) -> Event:
    return fact(
        world,
        card,
        EventKind.RUN_STARTED,
        run.id,
        agent=run.agent,
        model=plan.model,
        effort=plan.effort,
        kind=run.kind.value,
        stage=run.stage,
        attempt=run.attempt,
        sandbox=plan.sandbox.value,
        skills=pins(plan.skills),
        held_out=pins(plan.held_out),
        skill_tokens=tokens(plan.skills),
    )


def _job(world: World, card: Card, run: Run, plan: Plan, folder: Path) -> AgentJob:
    review = run.kind is RunKind.REVIEW
    env = {
        **plan.worn.env,
        "SPS_CARD": f"{card.project}#{card.seq}",
        "SPS_CARD_ID": card.id,
        "SPS_STAGE": plan.stage.name,
        "SPS_ATTEMPT": str(plan.attempt),
        "SPS_RUN_ID": run.id,
        **spans.environment(card, run.id),
    }
    if review:
        env["SPS_VERDICT"] = str(verdict_path(world, card, run.id))
    return AgentJob(
        run_id=run.id,
        kind=plan.kind,
        model=plan.model,
        effort=plan.effort,
        workspace=run.workspace,
        run_dir=str(folder),
        home=str(world.home.agent_homes(card.project) / card.id / plan.stage.name / run.agent),
        prompt=plan.prompt,
        env=env,
        sandbox=plan.sandbox,
        tag=tag.of_card(world, card, run.id),
        readonly=(
            str(world.home.vault(card.project) / "objects"),
            *(skill.path for skill in plan.skills if review),
            *plan.worn.readonly,
        ),
        hidden=plan.worn.hidden,
        path=plan.worn.path_in(run.workspace),
        writable=(str(folder / "verdict"),) if review else (),
        allow=plan.allow,
        workspace_readonly=review,
        timeout=plan.stage.timeout,
        idle_timeout=plan.stage.idle_timeout,
        session_id=plan.session_id,
        budget=plan.budget,
    )
