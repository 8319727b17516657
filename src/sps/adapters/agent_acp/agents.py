"""Sessions with agents, each in a process tree of its own that ends with it."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import msgspec

from sps.adapters.agent_acp.box import TAG, box, make_home, search_path
from sps.adapters.agent_acp.hush import Hush, Hushed
from sps.adapters.agent_acp.install import find
from sps.adapters.agent_acp.pipes import Pipes
from sps.adapters.agent_acp.places import places
from sps.adapters.agent_acp.remedy import explained
from sps.adapters.agent_acp.scrub import scrub
from sps.lib import process, proctree
from sps.lib.placeholder import fill
from sps.lib.threads import in_thread
from sps.model.errors import Misuse, WorkFailed
from sps.model.pipeline import SandboxMode
from sps.model.run import Outcome
from sps.ports.agent import AgentJob, AgentListener, AgentReport
from sps.ports.clock import Clock
from sps.ports.egress import Egress, Outlet, Traffic
from sps.ports.logins import Lent, LoginBy, Logins, LoginState
from sps.ports.sandbox import Launch, Sandbox

_FAREWELL = 2.0  # seconds for an agent to end once its input is closed
_GRACE = 1.0  # seconds between SIGTERM and SIGKILL
_SURE = 10.0  # seconds for a killed process to be gone
_SWEEPS = 40
_SLACK = 2.0  # seconds that a file system's clock may differ from ours
_BETWEEN = 0.05  # seconds between sweeps


class AcpAgents:
    """Holds sessions over the Agent Client Protocol on standard input and output.

    Terminals are not offered to agents: each has its own shell, inside its sandbox.
    """

    def __init__(
        self,
        sandbox_for: Callable[[SandboxMode], Sandbox],
        egress: Egress,
        logins: Logins,
        clock: Clock,
        entries: Path,
    ) -> None:
        """`entries` is the owner's file of agents, for what is to be mended there."""
        self._sandbox_for = sandbox_for
        self._egress = egress
        self._logins = logins
        self._clock = clock
        self._entries = entries

    async def run(self, job: AgentJob, listener: AgentListener) -> AgentReport:
        """Start, prompt, follow up, end. A program that cannot be started is an outcome; a job
        that cannot be (no folder, no sandbox, a bad entry, a login that another session has for
        itself) raises `SpsError`."""
        if not job.kind.command or not job.tag:
            raise Misuse(
                "bad-agent", f"agent {job.kind.name} has no command", hint="sps agent list"
            )
        if not os.path.isdir(job.workspace):
            raise WorkFailed("no-workspace", "the workspace does not exist", where=job.workspace)
        await in_thread(_load_library)
        program = fill(job.kind.command)[0]
        if find(program, search_path(job.kind)) is None:
            return self._missing(
                job,
                f"{program} was not found in the PATH that this process of sps was started with",
            )
        state = await in_thread(self._logins.state, job.kind)
        if not state.ready:
            return self._without_login(job)
        if state.by is LoginBy.FILE:  # there is no key that the agent could be told to take
            kind = msgspec.structs.replace(job.kind, auth_methods=())
            job = msgspec.structs.replace(job, kind=kind)
        home = await in_thread(make_home, job)
        lending = self._logins.lend(job.kind, home, run_id=job.run_id, seconds=job.timeout)
        async with lending as lent:
            return await self._lent(job, listener, home, lent, state)

    async def _lent(
        self, job: AgentJob, listener: AgentListener, home: Path, lent: Lent, state: LoginState
    ) -> AgentReport:
        hushed = Hushed(listener, Hush(lent.secrets))
        async with self._way_out(job, hushed) as outlet:
            boxed = await in_thread(box, job, home, {**lent.env, **outlet.env}, outlet.relays)
            launch = await in_thread(self._sandbox_for(job.sandbox).launch, boxed)
            began = self._clock.now() / 1000 - _SLACK
            try:
                report = await self._session(job, hushed, launch)
                return hushed.hush.report(
                    explained(report, job, outlet.traffic(), state, self._entries)
                )
            finally:
                left = (job.workspace, *job.writable)
                await _to_the_end(in_thread(scrub, left, lent.secrets(), began))

    def _way_out(
        self, job: AgentJob, listener: AgentListener
    ) -> AbstractAsyncContextManager[Outlet]:
        """Without a sandbox the network is open anyway, and nothing stands between."""
        allowed = places(job)
        return self._egress.open(
            () if job.sandbox is SandboxMode.NONE else allowed, listener.refused
        )

    async def _session(self, job: AgentJob, listener: Hushed, launch: Launch) -> AgentReport:
        from sps.adapters.agent_acp.session import Session

        pipes = Pipes.open()
        child: asyncio.subprocess.Process | None = None
        polite = False
        try:
            stdin, stdout, stderr = pipes.inner
            child = await process.spawn(
                launch.argv,
                env=launch.env,
                cwd=launch.cwd,
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
            )
            pipes.release()
            listener.started(child.pid, proctree.start_time(child.pid))
            session = Session(job, listener, self._clock)
            try:
                report = await session.hold(child, pipes)
            finally:
                session.close()
            polite = report.outcome is Outcome.ENDED
            return report
        except (FileNotFoundError, PermissionError) as err:
            if child is not None:
                raise
            return self._missing(job, f"{launch.argv[0]}: {err.strerror}")
        finally:
            # The child's ends go first: an agent that waits for its input then ends by itself.
            pipes.close()
            await _to_the_end(_end(child, job.tag, polite=polite))

    def _missing(self, job: AgentJob, says: str) -> AgentReport:
        report = AgentReport(outcome=Outcome.MISSING, detail=says, next=job.kind.install)
        return self._not_begun(report, job)

    def _without_login(self, job: AgentJob) -> AgentReport:
        report = AgentReport(outcome=Outcome.LOGIN, detail=f"{job.kind.name} is not logged in")
        return self._not_begun(report, job)

    def _not_begun(self, report: AgentReport, job: AgentJob) -> AgentReport:
        return explained(report, job, Traffic(), LoginState(by=LoginBy.MISSING), self._entries)


def _load_library() -> None:
    """Importing it takes most of a second, so never on the event loop and never without need."""
    import acp  # noqa: F401


async def _end(child: asyncio.subprocess.Process | None, tag: str, *, polite: bool) -> None:
    """End a process tree: what descends from the child, and what carries the run's tag."""
    if child is not None:
        if polite and child.returncode is None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_FAREWELL):
                    await child.wait()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_SURE):
                await process.end(child, grace=_GRACE if polite else 0.0)
    for _ in range(_SWEEPS):
        if not await in_thread(_sweep, tag):
            return
        await asyncio.sleep(_BETWEEN)


def _sweep(tag: str) -> bool:
    """Kill every process with exactly this tag; say whether there were any."""
    found = [pid for pid, value in proctree.tagged(TAG, tag).items() if value == tag]
    proctree.kill_all(found)
    return bool(found)


async def _to_the_end(work: Coroutine[object, None, object]) -> None:
    """Carry it out even when cancelled meanwhile, and be cancelled only then."""
    task = asyncio.ensure_future(work)
    cancelled = False
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            cancelled = True
    task.result()
    if cancelled:
        raise asyncio.CancelledError
