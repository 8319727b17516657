"""A session with a process that runs: everything from its first message to its last word."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

from sps.adapters.agent_acp.conversation import Conversation, Room
from sps.adapters.agent_acp.desk import Desk
from sps.adapters.agent_acp.diagnostics import Diagnostics
from sps.adapters.agent_acp.ending import Ending, Stop
from sps.adapters.agent_acp.flood import Meter
from sps.adapters.agent_acp.hush import Hushed
from sps.adapters.agent_acp.pipes import Pipes
from sps.adapters.agent_acp.spend import Spend
from sps.adapters.agent_acp.transcript import Transcript
from sps.adapters.agent_acp.updates import Updates
from sps.adapters.agent_acp.watch import Watch
from sps.adapters.agent_acp.wire import Ears, Wire
from sps.model.run import Outcome
from sps.ports.agent import AgentJob, AgentReport
from sps.ports.clock import Clock

_POLITE = frozenset({Outcome.TIMEOUT, Outcome.IDLE, Outcome.BUDGET})
_CANCEL_WAIT = 5.0  # seconds for the answer to a cancellation
_OWNERS_WAIT = 0.5  # the same when its owner, or a shutdown, waits: all is over within a second
_LAST_WORDS = 2.0  # seconds for a process to end once its output has ended
_NOT_FOUND = 127  # exit code of whatever could not find a program
_NO_PROGRAM = ("execvp", "No such file or directory")  # as bubblewrap says it


class Session:
    """Holds one session. The process belongs to whoever made it, and is ended there."""

    def __init__(self, job: AgentJob, listener: Hushed, clock: Clock) -> None:
        self._job = job
        self._clock = clock
        run_dir = Path(job.run_dir)
        self._stop = Stop()
        self._watch = Watch(job, clock, self._stop)
        self._transcript = Transcript(run_dir / "transcript.jsonl", clock, listener.hush)
        self._spend = Spend(job.budget, listener, self._stop)
        self._updates = Updates(listener, self._transcript, self._spend, self._stop)
        self._desk = Desk(job, listener, self._updates, self._transcript)
        self._diagnostics = Diagnostics(run_dir / "stderr.log", listener.hush)
        self._listener = listener

    async def hold(self, child: asyncio.subprocess.Process, pipes: Pipes) -> AgentReport:
        """Hold the session to its end. When cancelled, tell the agent, wait a little, raise."""
        stderr = asyncio.create_task(
            self._diagnostics.pump(await pipes.reader(2), self._stop), name="agent stderr"
        )
        conversation = await self._converse(pipes)
        talk = asyncio.create_task(conversation.hold(), name="agent conversation")
        watch = asyncio.create_task(
            self._watch.run(lambda: child.returncode is None), name="agent watch"
        )
        try:
            ending = await self._outcome(conversation, talk)
            if ending.outcome is Outcome.CRASHED:
                ending = await self._explain(ending, conversation, child, stderr)
            return self._report(ending, conversation)
        except asyncio.CancelledError:
            await self._bow_out(conversation, talk, wait=_OWNERS_WAIT)
            raise
        finally:
            await self._close(conversation, [talk, watch, stderr])

    def close(self) -> None:
        """Let go of what the session holds. Always called, however `hold` ended."""
        self._transcript.close()

    async def _converse(self, pipes: Pipes) -> Conversation:
        ears = Ears(
            meter=Meter(self._clock.steady()),
            desk=self._desk,
            updates=self._updates,
            heard=self._watch.heard,
            steady=self._clock.steady,
            stop=self._stop,
        )
        wire = Wire(await pipes.reader(1), await pipes.writer(), ears)
        room = Room(
            listener=self._listener,
            desk=self._desk,
            updates=self._updates,
            spend=self._spend,
            watch=self._watch,
            transcript=self._transcript,
            stop=self._stop,
            clock=self._clock,
        )
        return Conversation(self._job, wire, room)

    async def _outcome(self, conversation: Conversation, talk: asyncio.Task[Ending]) -> Ending:
        await asyncio.wait({talk, self._stop.future}, return_when=asyncio.FIRST_COMPLETED)
        ending = self._stop.ending
        if ending is None:
            return talk.result()
        if ending.outcome in _POLITE:
            await self._bow_out(conversation, talk)
        return ending

    async def _bow_out(
        self, conversation: Conversation, talk: asyncio.Task[Ending], *, wait: float = _CANCEL_WAIT
    ) -> None:
        """Cancel the turn and give the agent a moment to finish it."""
        self._desk.closed = True
        if talk.done() or conversation.session_id is None:
            return
        await conversation.cancel()
        patience = asyncio.ensure_future(self._clock.sleep(wait))
        try:
            await asyncio.wait({talk, patience}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            patience.cancel()
            await asyncio.gather(patience, return_exceptions=True)

    async def _explain(
        self,
        ending: Ending,
        conversation: Conversation,
        child: asyncio.subprocess.Process,
        stderr: asyncio.Task[None],
    ) -> Ending:
        """Say how the process ended, if it did, with its last line on stderr."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_WORDS):
                await child.wait()
        await asyncio.wait({stderr}, timeout=_LAST_WORDS / 2)
        last, code = self._diagnostics.last_line, child.returncode
        if not conversation.greeted and (
            code == _NOT_FOUND or all(word in last for word in _NO_PROGRAM)
        ):
            says = last or f"{self._job.kind.name} was not found"
            return Ending(Outcome.MISSING, says, next=self._job.kind.install)
        how = ending.detail or _how(code)
        return Ending(Outcome.CRASHED, f"{how}: {last}" if last else how)

    def _report(self, ending: Ending, conversation: Conversation) -> AgentReport:
        self._transcript.add("end", outcome=ending.outcome.value, text=ending.detail)
        return AgentReport(
            outcome=ending.outcome,
            detail=ending.detail,
            text=self._updates.text,
            usage=self._spend.usage,
            session_id=conversation.session_id,
            retry_at=ending.retry_at,
            reason=ending.reason,
            next=ending.next,
        )

    async def _close(self, conversation: Conversation, tasks: list[asyncio.Task[object]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await conversation.close()


def _how(code: int | None) -> str:
    if code is None:
        return "the agent closed its output"
    if code < 0:
        return f"the agent was ended by signal {-code}"
    return f"the agent ended with exit code {code}"
