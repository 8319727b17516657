"""The dispatcher: decides what runs now. The rows are the truth; rings and watches are hints."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Collection
from functools import partial

from sps.daemon.board import Board, look
from sps.daemon.claim import ADMITTED_AT_MOST, Scope, admit_all, claim, end_waits
from sps.daemon.errands import Errands
from sps.daemon.lease_lost import LeaseLost
from sps.daemon.shares import Shares
from sps.daemon.trouble import Trouble, code_of
from sps.flow.defect import contain
from sps.flow.fallout import settle
from sps.flow.fleet import mine
from sps.flow.halt import recheck
from sps.flow.red_gates import RedGates
from sps.flow.refusals import Refusals
from sps.flow.takeover import take_over
from sps.lib import disk
from sps.lib.killpoint import reach
from sps.lib.threads import in_thread
from sps.model.errors import Absent, SpsError, Stale
from sps.ports.engine import Engine
from sps.ports.store import Message
from sps.ports.world import World
from sps.services.ingest import ingest
from sps.services.share_pipelines import publish, receive

SCAN_S = 10.0
_SOON_S = 0.05
_GIVE_UP_S = 60.0  #: how long somebody who waits for the end is left with the same trouble
_log = logging.getLogger(__name__)


def _no_room(world: World) -> Absent:
    root = world.home.root
    return Absent(
        "disk-full", f"too little room on the disk of {root}", hint=f"du -sh {root}/projects/*"
    )


class Dispatcher:
    """Launches cards of some projects (all when none is named) within the limits of each."""

    def __init__(
        self, world: World, engine: Engine, *, projects: tuple[str, ...] = (), limit: int = 8
    ) -> None:
        self._world = world
        self._engine = engine
        self._only = projects
        self._limit = limit
        self._bell = asyncio.Event()
        self._scan_due = 0.0
        self._scanned = False  # whether this turn is a scan, not the answer to a ring
        # Which files of which projects may have changed; None is all of them.
        self._dirty: dict[str, set[str]] | None = None
        self._changed = True  # whether a card may have become admissible since that was looked at
        self._rechecked = False  # whether halted projects were looked at since something changed
        self._seen: frozenset[str] = frozenset()  # what ran at the last look
        self._shares = Shares()
        self._watchers: set[asyncio.Task[None]] = set()
        self._errands = Errands(self._noticed)
        self._red_gates = RedGates(world)
        self._refusals = Refusals(world)
        self._trouble = Trouble()
        self._lease_due: int | None = None  # when another worker may be dead, in ms from the turn
        self._fenced = False
        self._draining = False
        self.on_turn: Callable[[Board], None] = lambda _: None
        self.on_projects: Callable[[frozenset[str]], None] = lambda _: None

    @property
    def trouble(self) -> str | None:
        """The code of what the last turn failed of; None when it did not."""
        return self._trouble.code

    def ring(self) -> None:
        """Say that something may have changed."""
        self._noticed()
        self._rechecked = False

    def files_changed(self, project: str, names: Collection[str]) -> None:
        """Say that card files of a project may have changed."""
        if self._dirty is not None:
            self._dirty.setdefault(project, set()).update(names)
        self._bell.set()

    def fence(self) -> None:
        """Say, from whatever thread, that this process may not work any more."""
        self._fenced = True

    def drain(self) -> None:
        """Start nothing more."""
        self._draining = True

    async def close(self) -> None:
        """End what is done beside the turns."""
        await self._errands.close()

    async def run(self, *, until_quiet: bool) -> Board:
        """Work until nothing can move (or for ever) and return the last look at the board. A turn
        that fails is repeated; the same failure for a minute is raised to who waits for the end."""
        while True:
            self._bell.clear()
            if self._fenced:
                raise LeaseLost
            try:
                board = await self.turn()
            except (SpsError, OSError) as err:
                await self._back_off(err, give_up=until_quiet)
                continue
            self._trouble.over()
            self.on_turn(board)
            if until_quiet and self._idle():
                if board.quiet and self._nothing_left(board):
                    return board
                if disk.low(self._world.home.root):
                    raise _no_room(self._world)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._patience(board)):
                    await self._bell.wait()

    async def turn(self) -> Board:
        """Look once: read changed files, cancel, admit, resume, start."""
        projects = await in_thread(self._projects)
        self.on_projects(frozenset(projects))
        if self._world.joined:
            self._scanned = False
            projects = tuple(await in_thread(receive, self._world, projects))
        else:
            await self._read_files(projects)
        if self._draining:
            return await in_thread(look, self._world, projects)
        await self._cancel()
        if self._world.shared:
            self._lease_due = await take_over(self._world)
        if self._scanned:
            await self._recheck_halted(projects)
        if not disk.low(self._world.home.root):
            await self._claim(projects)
        reach("dispatch-after-claim")
        await self._launch()
        admitted = self._settled() or self._world.joined
        return await in_thread(look, self._world, projects, admitted=admitted)

    async def _back_off(self, err: SpsError | OSError, *, give_up: bool) -> None:
        clock = self._world.clock
        fraction = self._world.chance.fraction()
        seconds = self._trouble.met(err, steady=clock.steady(), fraction=fraction)
        if give_up and self._trouble.lasted(clock.steady()) >= _GIVE_UP_S:
            raise err
        self._changed, self._dirty = True, None  # the turn may have ended anywhere
        await clock.sleep(seconds)

    def _noticed(self) -> None:
        self._changed = True
        self._bell.set()

    def _settled(self) -> bool:
        """Whether nothing has changed since cards were admitted. Launches that ended are noticed
        here too: the engine may have begun some by itself."""
        running = self._engine.running()
        if self._seen - running:
            self._changed = True
        self._seen = running
        return not self._changed

    def _idle(self) -> bool:
        return not (self._engine.running() or self._watchers or self._errands.busy)

    def _nothing_left(self, board: Board) -> bool:
        """Whether a quiet board is the last word; if not, what is left begins."""
        if not self._settled():
            self._bell.set()
            return False
        if board.halted and not self._rechecked:
            self._recheck(board.halted, partial(recheck, self._world))
            return False
        return True

    def _projects(self) -> tuple[str, ...]:
        return self._only or tuple(p.name for p in self._world.store.read(lambda tx: tx.projects()))

    def _patience(self, board: Board) -> float:
        """Return how long to wait for a ring: to the next scan, or to the next due card."""
        steady = max(_SOON_S, self._scan_due - self._world.clock.steady())
        if self._world.joined:
            steady = SCAN_S
        if self._lease_due is not None:
            steady = min(steady, max(_SOON_S, self._lease_due / 1000))
        if board.next_due is None:
            return steady
        return min(steady, max(_SOON_S, (board.next_due - self._world.clock.now()) / 1000))

    async def _read_files(self, projects: tuple[str, ...]) -> None:
        now = self._world.clock.steady()
        self._scanned = now >= self._scan_due
        if self._scanned:
            self._dirty, self._scan_due, self._changed = None, now + SCAN_S, True
            self._errands.forgive()
            if self._world.shared:
                await in_thread(publish, self._world, projects)
        dirty, self._dirty = self._dirty, {}
        for name in projects if dirty is None else tuple(dirty):
            try:
                found = await in_thread(ingest, self._world, name, dirty and dirty[name])
            except (SpsError, OSError) as err:
                _log.warning("cards not read", extra={"project": name, "detail": str(err)})
                self._changed = True  # some of them may have been
            else:
                self._changed |= found.changed

    async def _recheck_halted(self, projects: tuple[str, ...]) -> None:
        rows = await in_thread(self._world.store.read, lambda tx: tx.projects())
        halted = tuple(p.name for p in rows if p.halted and p.name in projects)
        self._recheck(halted, self._red_gates.recheck)

    def _recheck(self, halted: tuple[str, ...], ask: Callable[[str], Awaitable[None]]) -> None:
        """Ask, beside the turns, whether halted projects can go on: that may fetch their target."""
        self._rechecked = True
        for name in halted:
            self._errands.begin(f"recheck {name}", partial(ask, name))

    async def _cancel(self) -> None:
        """Cancel, beside the turns, the launches that owners took away: a body may take its time
        to end."""
        for message in await in_thread(self._outbox, "cancel"):
            self._errands.begin(f"cancel {message.key}", partial(self._end, message))

    async def _end(self, message: Message) -> None:
        _log.info("run cancelled", extra={"workflow": message.key})
        await self._engine.cancel(message.key)
        await self._tell(message)

    async def _claim(self, projects: tuple[str, ...]) -> None:
        """Admit, resume and start what may."""
        lifted = frozenset[str]()
        if self._scanned:
            lifted = await in_thread(self._refusals.lifted, projects)
            if not self._world.joined:
                await in_thread(end_waits, self._world)
        scope = Scope(
            projects=projects,
            running=self._engine.running(),
            scanned=self._scanned,
            limit=self._limit,
            shares=self._shares,
            lifted=lifted,
        )
        if not (self._settled() or self._world.joined):
            self._changed = False  # before the look: what changes during it is looked at again
            moved = await in_thread(admit_all, self._world, scope)
            if moved >= ADMITTED_AT_MOST:
                self._noticed()
        if not self._world.joined:
            await settle(self._world)
        self._shares = await in_thread(claim, self._world, scope)

    async def _launch(self) -> None:
        """Hand claimed cards to the engine. A launch that was claimed before a crash is handed over
        again; the engine knows its id."""
        for message in await in_thread(self._outbox, "start"):
            if await self._engine.submit(message.key):
                self._watch(message.key)
            reach("dispatch-after-submit")
            await self._tell(message)

    def _watch(self, workflow_id: str) -> None:
        task = asyncio.create_task(self._wait_for(workflow_id))
        self._watchers.add(task)
        task.add_done_callback(self._unwatch)

    def _unwatch(self, task: asyncio.Task[None]) -> None:
        self._watchers.discard(task)
        self._rechecked = False
        self._noticed()

    async def _wait_for(self, workflow_id: str) -> None:
        """Wait until a launch is over. One that failed must not be launched again at once."""
        (failure,) = await asyncio.gather(self._engine.wait(workflow_id), return_exceptions=True)
        if isinstance(failure, Exception) and not isinstance(failure, Stale):
            extra = {"workflow": workflow_id, "detail": str(failure)}
            _log.error("launch failed", extra=extra, exc_info=failure)
            try:
                await contain(self._world, workflow_id, failure)
            except Stale:
                return
            except (SpsError, OSError) as err:
                extra = {"workflow": workflow_id, "code": code_of(err), "detail": str(err)}
                _log.error("failure not recorded", extra=extra)

    def _outbox(self, kind: str) -> list[Message]:
        return self._world.store.read(lambda tx: mine(self._world, tx, kind))

    async def _tell(self, message: Message) -> None:
        at = self._world.clock.now()
        await in_thread(self._world.store.write, lambda tx: tx.delivered(message.id, at))
