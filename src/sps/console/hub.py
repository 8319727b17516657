"""The stream of events to open pages: the store's log, from where each page was, without a gap.

Every stream holds one number, the event it is at, and takes what comes after it: from the newest
events, which are kept here, or from the store when it is further behind. So nothing is lost or told
twice between what a page shows and what it hears, however both race, and a slow reader costs no
memory: one that is too far behind is told to load its page again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import msgspec

from sps.console.home_mark import mark_of
from sps.daemon.metrics import SSE_CLIENTS, SSE_RESYNCS
from sps.lib.threads import in_thread
from sps.model.errors import SpsError
from sps.model.event import Event
from sps.ports.store import EventQuery, Reading
from sps.services import telling

if TYPE_CHECKING:
    from sps.bootstrap import Wired

CLIENTS = 32
REPLAY = 500  #: a stream that is further behind loads its page again
T = TypeVar("T")
_LOOK_S = 0.5  #: while a page is open, writes of other processes are looked for this often
_BEAT_S = 15.0
_KEPT = 256
_CURSOR = re.compile(r"(?:([0-9a-z]{1,8})-)?([0-9]{1,18})", re.ASCII)
_log = logging.getLogger(__name__)

Render = Callable[["Wired", Event, telling.EventView], object]
Told = tuple[Event, telling.EventView]


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


class Hub:
    """Follows the store's events while somebody listens, and hands each to whom it concerns."""

    def __init__(self, world: Wired, *, most: int = CLIENTS) -> None:
        self._world = world
        self._most = most
        self._streams = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._news = asyncio.Event()
        self._turn = asyncio.Event()  # set, and replaced, whenever there is more to tell
        self._over = False
        self._newest: list[Told] = []  # all that happened after `_since`, up to `_seen`
        self._since = self._seen = 0
        self._asleep = True
        self._frames: OrderedDict[tuple[int, str], asyncio.Task[bytes]] = OrderedDict()
        self.resyncs = 0

    @property
    def streams(self) -> int:
        return self._streams

    @property
    def store_id(self) -> str:
        """What an event's id begins with: a cursor of another home means nothing here."""
        return mark_of(self._world)

    def poke(self) -> None:
        """Say, from any thread, that there may be new events."""
        if self._loop is not None and self._streams:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._news.set)

    async def run(self) -> None:
        """Follow the store until cancelled; then every stream ends. While the store cannot be read
        nothing is told, and nothing is lost."""
        self._loop = asyncio.get_running_loop()
        try:
            while True:
                await self._wait()
                await self._insist(self._look)
        finally:
            self.close()

    def close(self) -> None:
        """End all streams."""
        self._over = True
        self._turn.set()

    async def follow(self, view: View, cursor: str | int | None) -> AsyncIterator[bytes]:
        """Yield the messages of one stream: what happened after the cursor, then what happens.

        Raises `TooManyStreams` before the first.
        """
        if self._over or self._streams >= self._most:
            raise TooManyStreams
        self._streams += 1
        SSE_CLIENTS.set(self._streams)
        try:
            yield b"retry: 1000\n\n"
            last = await self._last()
            at = self._begin(cursor, last)
            if at is None:
                at = last
                yield self._resync(at)
            self._news.set()
            async for message in self._from(view, at):
                yield message
        finally:
            self._streams -= 1
            SSE_CLIENTS.set(self._streams)

    async def _from(self, view: View, at: int) -> AsyncIterator[bytes]:
        while not self._over:
            turn = self._turn  # taken before we look: what comes meanwhile has set it
            found = await self._insist(partial(self._after, at))
            if found is None:
                at = await self._last()
                yield self._resync(at)
            elif found:
                parts = [await self._frame(view, *one) for one in found if view.follows(one[1])]
                at = found[-1][0].id
                if parts:
                    yield b"".join(parts)
            elif not await _set(turn, _BEAT_S):
                yield b": still here\nid: %s-%d\n\n" % (self.store_id.encode(), at)

    def _begin(self, cursor: str | int | None, last: int) -> int | None:
        """Return the event to go on from; None when the cursor is none of this store's."""
        if cursor is None:
            return last
        match = _CURSOR.fullmatch(str(cursor))
        if match is None or match[1] not in (None, self.store_id) or int(match[2]) > last:
            return None
        return int(match[2])

    def _resync(self, at: int) -> bytes:
        self.resyncs += 1
        SSE_RESYNCS.add()
        return b"id: %s-%d\nevent: resync\ndata: {}\n\n" % (self.store_id.encode(), at)

    async def _last(self) -> int:
        return await in_thread(self._world.store.read, lambda tx: tx.last_event())

    async def _after(self, at: int) -> list[Told] | None:
        """Return what happened after an event; None when that is too much."""
        if not self._asleep and at >= self._since:
            first = bisect_right(self._newest, at, key=lambda one: one[0].id)
            return self._newest[first:]
        found = await in_thread(self._world.store.read, _question(at, REPLAY + 1))
        return None if len(found) > REPLAY else found

    async def _wait(self) -> None:
        if self._streams:
            await _set(self._news, _LOOK_S)
        else:
            self._asleep = True
            await self._news.wait()
        self._news.clear()

    async def _insist(self, read: Callable[[], Awaitable[T]]) -> T:
        """Read until it works: an open page lives by it. What is in the way is logged once, and
        raised when all ends."""
        told = False
        while True:
            try:
                return await read()
            except Exception as error:
                if self._over:
                    raise
                if not told:
                    code = error.code if isinstance(error, SpsError) else "defect"
                    whole = None if isinstance(error, SpsError) else error
                    _log.warning("events cannot be read", exc_info=whole, extra={"code": code})
                told = True
                await asyncio.sleep(_LOOK_S)

    async def _look(self) -> None:
        if self._asleep:  # streams that are behind ask the store themselves
            self._seen = self._since = await self._last()
            self._newest, self._asleep = [], False
            self._tell()
        while True:
            found = await in_thread(self._world.store.read, _question(self._seen, REPLAY))
            if found:
                self._newest += found
                self._seen = found[-1][0].id
                surplus = len(self._newest) - REPLAY
                if surplus > 0:
                    self._since = self._newest[surplus - 1][0].id
                    del self._newest[:surplus]
                self._tell()
            if len(found) < REPLAY:
                return

    def _tell(self) -> None:
        self._turn.set()
        if not self._over:
            self._turn = asyncio.Event()

    async def _frame(self, view: View, event: Event, told: telling.EventView) -> bytes:
        key = (event.id, view.name)
        task = self._frames.get(key)
        if task is None:
            task = self._frames[key] = asyncio.create_task(self._made(view, event, told))
            while len(self._frames) > _KEPT:
                self._frames.popitem(last=False)
        return await asyncio.shield(task)

    async def _made(self, view: View, event: Event, told: telling.EventView) -> bytes:
        shown = None
        if view.fragment is not None:
            try:
                shown = await in_thread(view.fragment, self._world, event, told)
            # Without it the page loads itself again, and says what is wrong. A stream that ended
            # here would end at this event whenever it is opened again.
            except SpsError as error:
                _log.warning("no fragment of an event", extra={"code": error.code})
            except Exception:  # noqa: BLE001 - whatever a template does; it is logged whole
                _log.exception("no fragment of an event", extra={"code": "defect"})
        return encoded(self.store_id, _frame(told, shown))


def encoded(store_id: str, frame: Frame) -> bytes:
    """Write a frame as a message of the stream; its id is the cursor to go on from."""
    text = msgspec.json.encode(frame)
    return b"id: %s-%d\ndata: %s\n\n" % (store_id.encode(), frame.id, text)


async def _set(event: asyncio.Event, patience: float) -> bool:
    """Wait until an event is set; False when it takes too long."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(patience):
            await event.wait()
    return event.is_set()


def _question(last: int, limit: int) -> Callable[[Reading], list[Told]]:
    def question(tx: Reading) -> list[Told]:
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


def _frame(told: telling.EventView, shown: object) -> Frame:
    return Frame(
        id=told.id, at=told.at, kind=told.kind, project=told.project, card=told.card,
        level=told.level, says=told.says, run=told.run, view=shown,
    )  # fmt: skip
