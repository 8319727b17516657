"""Writing down what a running agent does, while it does it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

import msgspec

from sps.flow.record import fact
from sps.lib.threads import in_thread
from sps.model.card import Card
from sps.model.event import EventKind
from sps.model.run import Run, Usage
from sps.ports.agent import Permission
from sps.ports.store import Writing
from sps.ports.world import World

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

    def tool(self, call_id: str, title: str, kind: str, status: str) -> None:
        self._event(EventKind.RUN_TOOL, id=call_id, title=title, kind=kind, status=status)

    def said(self, text: str) -> None:
        self._event(EventKind.RUN_SAID, text=text)

    def usage(self, usage: Usage) -> None:
        self._queue.put_nowait(lambda tx: tx.add_usage(self._run.id, usage))

    def message(self) -> str | None:
        """Take the owner's oldest message that this agent has not been given."""
        return self._world.store.write(self._take_message)

    async def close(self) -> None:
        """Write what is queued and stop."""
        self._queue.put_nowait(None)
        await self._task

    def _take_message(self, tx: Writing) -> str | None:
        waiting = tx.outbox(kind="message", key=self._card.id)
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
                await in_thread(self._world.store.write, partial(_apply, changes))


def _apply(changes: Sequence[Change], tx: Writing) -> None:
    for change in changes:
        change(tx)
