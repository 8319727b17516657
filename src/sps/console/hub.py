"""The stream of events to open pages: the store's log, from where each page was, without a gap."""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

import msgspec

from sps.lib.threads import in_thread
from sps.model.event import Event
from sps.ports.store import EventQuery, Reading
from sps.services import telling

if TYPE_CHECKING:
    from sps.bootstrap import Wired

CLIENTS = 32
_QUEUE = 256
_REPLAY = 500
_LOOK_S = 0.5  #: while a page is open, writes of other processes are looked for this often
_KEPT = 256

Render = Callable[["Wired", Event, telling.EventView], object]


class TooManyStreams(Exception):
    """No more pages can follow live."""


class View(msgspec.Struct, frozen=True, kw_only=True):
    """What a stream follows. `project` and `card` narrow it; `fragment` adds to each event what
    this view shows of it, made once for all who look."""

    name: str
    project: str | None = None
    card: int | None = None
    fragment: Render | None = None

    def follows(self, told: telling.EventView) -> bool:
        if self.project is not None and told.project != self.project:
            return False
        return self.card is None or told.card == self.card


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """What goes over the wire for one event."""

    id: int
    at: str
    kind: str
    project: str
    card: int | None
    level: str
    says: str
    run: str | None = None
    view: object = None


class _Client:
    """One open stream. `None` in its queue is the end; `missed` asks it to load its page again."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.queue: asyncio.Queue[bytes | None] = asyncio.Queue(_QUEUE)
        self.missed = False

    def give(self, message: bytes) -> None:
        try:
            self.queue.put_nowait(message)
        except asyncio.QueueFull:
            while not self.queue.empty():
                self.queue.get_nowait()
            self.missed = True
            self.queue.put_nowait(RESYNC)


RESYNC = b"event: resync\ndata: {}\n\n"


class Hub:
    """Follows the store's events while somebody listens, and hands each to whom it concerns."""

    def __init__(self, world: Wired, *, most: int = CLIENTS) -> None:
        self._world = world
        self._most = most
        self._clients: set[_Client] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._news = asyncio.Event()
        self._seen = 0
        self._frames: OrderedDict[tuple[int, str], bytes] = OrderedDict()
        self.resyncs = 0

    @property
    def streams(self) -> int:
        return len(self._clients)

    def poke(self) -> None:
        """Say, from any thread, that there may be new events."""
        if self._loop is not None and self._clients:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._news.set)

    async def run(self) -> None:
        """Follow the store until cancelled; then every stream ends."""
        self._loop = asyncio.get_running_loop()
        self._seen = await in_thread(self._world.store.read, lambda tx: tx.last_event())
        try:
            while True:
                await self._wait()
                await self._look()
        finally:
            self.close()

    def close(self) -> None:
        """End all streams."""
        for client in tuple(self._clients):
            while not client.queue.empty():
                client.queue.get_nowait()
            client.queue.put_nowait(None)

    async def follow(self, view: View, cursor: int | None) -> AsyncIterator[bytes]:
        """Yield the messages of one stream: first what happened after the cursor, then what happens.

        Raises `TooManyStreams` before the first.
        """
        if len(self._clients) >= self._most:
            raise TooManyStreams
        client = _Client(view)
        self._clients.add(client)
        if len(self._clients) == 1:
            self._news.set()  # nobody listened: catch up with the store
        try:
            yield b"retry: 1000\n\n"
            upto = self._seen
            if cursor is not None:
                async for message in self._replay(view, cursor, upto):
                    yield message
            while True:
                try:
                    given = await asyncio.wait_for(client.queue.get(), 15)
                except TimeoutError:
                    yield b": still here\n\n"
                    continue
                if given is None:
                    return
                if given is RESYNC:
                    self.resyncs += 1
                yield given
        finally:
            self._clients.discard(client)

    async def _wait(self) -> None:
        with contextlib.suppress(TimeoutError):
            if self._clients:
                await asyncio.wait_for(self._news.wait(), _LOOK_S)
            else:
                await self._news.wait()
        self._news.clear()

    async def _look(self) -> None:
        while True:
            found = await in_thread(self._world.store.read, self._after(self._seen, _REPLAY))
            for event, told in found:
                self._seen = event.id
                for client in tuple(self._clients):
                    if client.view.follows(told):
                        client.give(await self._frame(client.view, event, told))
            if len(found) < _REPLAY:
                return

    async def _replay(self, view: View, cursor: int, upto: int) -> AsyncIterator[bytes]:
        found = await in_thread(self._world.store.read, self._after(cursor, _REPLAY + 1))
        if len(found) > _REPLAY or cursor > upto:
            yield RESYNC
            return
        for event, told in found:
            if event.id <= upto and view.follows(told):
                yield await self._frame(view, event, told)

    def _after(
        self, last: int, limit: int
    ) -> Callable[[Reading], list[tuple[Event, telling.EventView]]]:
        def question(tx: Reading) -> list[tuple[Event, telling.EventView]]:
            numbers: dict[str, int | None] = {}
            found = []
            for event in tx.events(EventQuery(after_id=last, limit=limit)):
                key = event.card_id or ""
                if key and key not in numbers:
                    card = tx.card(key)
                    numbers[key] = card.seq if card else None
                found.append((event, telling.view(event, numbers.get(key))))
            return found

        return question

    async def _frame(self, view: View, event: Event, told: telling.EventView) -> bytes:
        key = (event.id, view.name)
        known = self._frames.get(key)
        if known is None:
            shown = None
            if view.fragment is not None:
                shown = await in_thread(view.fragment, self._world, event, told)
            known = self._frames[key] = encoded(_frame(told, shown))
            while len(self._frames) > _KEPT:
                self._frames.popitem(last=False)
        return known


def encoded(frame: Frame) -> bytes:
    """Write a frame as a message of the stream; its id is the cursor to go on from."""
    return b"id: %d\ndata: %s\n\n" % (frame.id, msgspec.json.encode(frame))


def _frame(told: telling.EventView, shown: object) -> Frame:
    return Frame(
        id=told.id, at=told.at, kind=told.kind, project=told.project, card=told.card,
        level=told.level, says=told.says, run=told.run, view=shown,
    )  # fmt: skip
