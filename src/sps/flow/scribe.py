"""Writing down what a running agent does, while it does it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial

import msgspec

from sps.flow.record import fact
from sps.lib.threads import in_thread
from sps.model.card import Card
from sps.model.errors import SpsError
from sps.model.event import EventKind
from sps.model.run import Run, Usage
from sps.ports.agent import Permission
from sps.ports.egress import Refusal
from sps.ports.store import Message, Reading, Writing
from sps.ports.world import World

_log = logging.getLogger(__name__)
Change = Callable[[Writing], None]


class Scribe:
    """The `AgentListener` of a run: its calls only queue, one task writes them in order, several in
    one transaction when they come fast. `close` waits for the rest."""

    def __init__(self, world: World, card: Card, run: Run) -> None:
        self._world = world
        self._card = card
        self._run = run
        self._queue: asyncio.Queue[Change | None] = asyncio.Queue()
        self._task = asyncio.ensure_future(self._write())

    def started(self, pid: int, started: int) -> None:
        self._queue.put_nowait(lambda tx: tx.set_run_process(self._run.id, pid, started))

    def session(self, session_id: str) -> None:
        self._queue.put_nowait(lambda tx: tx.set_run_session(self._run.id, session_id))

    def permission(self, permission: Permission) -> None:
        self._event(EventKind.RUN_PERMISSION, **msgspec.to_builtins(permission))

    def refused(self, refusal: Refusal) -> None:
        self._event(EventKind.RUN_REFUSED, **msgspec.to_builtins(refusal))

    def tool(self, call_id: str, title: str, kind: str, status: str) -> None:
        self._event(EventKind.RUN_TOOL, id=call_id, title=title, kind=kind, status=status)

    def said(self, text: str) -> None:
        self._event(EventKind.RUN_SAID, text=text)

    def usage(self, usage: Usage) -> None:
        self._queue.put_nowait(lambda tx: tx.add_usage(self._run.id, usage))

    def message(self) -> str | None:
        """Take the owner's oldest message that this agent has not been given. One that cannot be
        taken now waits for the next turn or attempt."""
        try:
            if not self._world.store.read(self._waiting):  # the common case: nothing to write
                return None
            return self._world.store.write(self._take_message)
        except (SpsError, OSError) as err:
            _log.warning("message not taken", extra={"run_id": self._run.id, "detail": str(err)})
            return None

    async def close(self) -> None:
        """Write what is queued and stop. Never fails: what an agent did counts also where it could
        not be written down."""
        self._queue.put_nowait(None)
        await asyncio.wait([self._task])
        err = None if self._task.cancelled() else self._task.exception()
        if err is not None:
            _log.error("scribe failed", extra={"run_id": self._run.id}, exc_info=err)

    def _waiting(self, tx: Reading) -> list[Message]:
        return tx.outbox(kind="message", key=self._card.id)

    def _take_message(self, tx: Writing) -> str | None:
        waiting = self._waiting(tx)
        if not waiting:
            return None
        text = waiting[0].payload
        tx.delivered(waiting[0].id, self._world.clock.now())
        tx.add_event(fact(self._world, self._card, EventKind.RUN_MESSAGE, self._run.id, text=text))
        return text

    def _event(self, kind: EventKind, /, **payload: object) -> None:
        event = fact(self._world, self._card, kind, self._run.id, **payload)

        def append(tx: Writing) -> None:
            tx.add_event(event)

        self._queue.put_nowait(append)

    async def _write(self) -> None:
        more = True
        while more:
            batch = [await self._queue.get()]
            while not self._queue.empty():
                batch.append(self._queue.get_nowait())
            more = batch[-1] is not None
            changes = [change for change in batch if change is not None]
            if changes:
                await self._keep(changes)

    async def _keep(self, changes: list[Change]) -> None:
        """Write some changes, one by one if they cannot be written together."""
        try:
            await in_thread(self._world.store.write, partial(_apply, changes))
        except (SpsError, OSError) as err:
            if len(changes) > 1:
                for change in changes:
                    await self._keep([change])
            else:
                extra = {"run_id": self._run.id, "detail": str(err)}
                _log.warning("not written down", extra=extra)


def _apply(changes: Sequence[Change], tx: Writing) -> None:
    for change in changes:
        change(tx)
