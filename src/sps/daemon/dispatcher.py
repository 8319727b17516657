"""The dispatcher: decides what runs now. The rows are the truth; rings and watches are hints."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

from sps.daemon.board import Board, look
from sps.flow import admit, breaker
from sps.flow.defect import contain
from sps.flow.halt import PIPELINE_BROKEN, recheck, set_halt
from sps.lib import disk
from sps.lib.killpoint import reach
from sps.lib.threads import in_thread
from sps.model.card import Card, CardState
from sps.model.errors import Absent, SpsError, Stale
from sps.model.reason import AWAITING, TARGET_DIRTY, TARGET_REFUSED
from sps.ports.engine import Engine
from sps.ports.store import Message, Reading, Writing
from sps.ports.world import World
from sps.services.ingest import ingest

SCAN_S = 10.0
_SOON_S = 0.05
_BEYOND = 4  # launches in flight per working agent: gates and landings must not pile up
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
        self._dirty: set[str] | None = None  # projects whose files may have changed; None is all
        self._watchers: set[asyncio.Task[None]] = set()
        self._draining = False
        self.on_turn: Callable[[Board], None] = lambda _: None
        self.on_projects: Callable[[frozenset[str]], None] = lambda _: None

    def ring(self) -> None:
        """Say that something may have changed."""
        self._bell.set()

    def files_changed(self, project: str) -> None:
        """Say that card files of a project may have changed."""
        if self._dirty is not None:
            self._dirty.add(project)
        self._bell.set()

    def drain(self) -> None:
        """Start nothing more."""
        self._draining = True

    async def run(self, *, until_quiet: bool) -> Board:
        """Work until nothing can move (or for ever) and return the last look at the board."""
        while True:
            self._bell.clear()
            board = await self.turn()
            self.on_turn(board)
            if until_quiet and not self._engine.running():
                if board.quiet:
                    return board
                if disk.low(self._world.home.root):
                    raise _no_room(self._world)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._bell.wait(), self._patience(board))

    async def turn(self) -> Board:
        """Look once: read changed files, admit, cancel, resume, start."""
        self.on_projects(frozenset(self._projects()))
        await self._read_files()
        board = await in_thread(look, self._world, self._projects())
        if self._draining:
            return board
        await self._cancel()
        if board.halted:
            await self._recheck(board)
            board = await in_thread(look, self._world, self._projects())
        moved = await in_thread(self._world.store.write, self._claim)
        reach("dispatch-after-claim")
        await self._launch()
        return await in_thread(look, self._world, self._projects()) if moved else board

    def _projects(self) -> tuple[str, ...]:
        return self._only or tuple(p.name for p in self._world.store.read(lambda tx: tx.projects()))

    def _patience(self, board: Board) -> float:
        """Return how long to wait for a ring: to the next scan, or to the next due card."""
        steady = max(_SOON_S, self._scan_due - self._world.clock.steady())
        if board.next_due is None:
            return steady
        return min(steady, max(_SOON_S, (board.next_due - self._world.clock.now()) / 1000))

    async def _read_files(self) -> None:
        now = self._world.clock.steady()
        self._scanned = now >= self._scan_due
        if self._scanned:
            self._dirty, self._scan_due = None, now + SCAN_S
        names = self._projects() if self._dirty is None else tuple(self._dirty)
        self._dirty = set()
        for name in names:
            try:
                await in_thread(ingest, self._world, name)
            except (SpsError, OSError) as err:
                _log.warning("cards not read", extra={"project": name, "detail": str(err)})

    async def _recheck(self, board: Board) -> None:
        for project in board.halted:
            try:
                await recheck(self._world, project)
            except (SpsError, OSError) as err:  # it stays halted; the others go on
                _log.warning("not rechecked", extra={"project": project, "detail": str(err)})

    async def _cancel(self) -> None:
        """Cancel the launches that owners took away."""
        for message in await in_thread(self._outbox, "cancel"):
            _log.info("run cancelled", extra={"workflow": message.key})
            await self._engine.cancel(message.key)
            await self._tell(message)

    def _claim(self, tx: Writing) -> int:
        """Admit, resume and start what may, in one transaction."""
        moved = 0
        if disk.low(self._world.home.root):
            return 0  # what runs may finish; nothing new begins until there is room again
        projects = [p for p in tx.projects() if p.name in self._projects_in(tx)]
        for project in projects:
            moved += admit.admit(self._world, tx, project.name)
        open_names = {p.name for p in projects if p.halted is None}
        for name in open_names:
            moved += self._resume(tx, name)
        moved += self._start(tx, open_names)
        return moved + sum(p.halted is not None and p.name in open_names for p in tx.projects())

    def _projects_in(self, tx: Reading) -> set[str]:
        return set(self._only) or {project.name for project in tx.projects()}

    def _resume(self, tx: Writing, project: str) -> int:
        """Take up cards that stand in an active state without a launch that carries them on."""
        now, running, moved = self._world.clock.now(), self._engine.running(), 0
        for card in admit.active(tx, project):
            due = self._due(card, now)
            launched = card.workflow_id in running or tx.outbox(kind="start", key=card.workflow_id)
            if due and not launched:
                admit.resume(self._world, tx, card)
                moved += 1
        return moved

    def _due(self, card: Card, now: int) -> bool:
        """Whether a waiting card is to be looked at: what stood in the way on the target may be
        gone at each scan, and a person's approval moves the card by itself."""
        if card.reason in (TARGET_DIRTY, TARGET_REFUSED):
            return self._scanned or card.not_before <= now
        return card.not_before <= now and card.reason != AWAITING

    def _start(self, tx: Writing, names: set[str]) -> int:
        now, moved = self._world.clock.now(), 0
        working = {name: self._working(tx, name) for name in names}
        in_flight = len(self._engine.running())
        for card in tx.startable(now, 4 * self._limit + 16):
            if card.project not in names:
                continue
            workers = self._workers(tx, card.project)
            busy = sum(working.values())
            if busy >= self._limit or in_flight + moved >= _BEYOND * self._limit:
                break
            if working[card.project] < workers and self._agent_free(tx, card):
                staged = admit.staged(self._world, card)
                admit.start(self._world, tx, staged)
                working[card.project] += 1
                moved += 1
        return moved

    def _workers(self, tx: Writing, project: str) -> int:
        """Return how many agents a project may have; none, and it stops, when its pipeline cannot
        be read."""
        try:
            return self._world.pipeline_files.load(project).workers
        except SpsError as err:
            set_halt(self._world, tx, project, PIPELINE_BROKEN, err.message)
            return 0

    def _working(self, tx: Reading, project: str) -> int:
        """Return how many cards of a project hold an agent."""
        return sum(
            card.state is CardState.RUNNING
            or (card.state is CardState.REVIEW and card.reason is None)
            for card in admit.active(tx, project)
        )

    def _agent_free(self, tx: Writing, card: Card) -> bool:
        """Ask the breaker of the card's agent; a probe is counted at once."""
        name = admit.agent_of(self._world, tx, card)
        state, now = tx.breaker(name), self._world.clock.now()
        if not breaker.admits(state, now):
            return False
        probe = breaker.probing(state, now)
        if probe != state:
            tx.save_breaker(probe)
        return True

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
        task.add_done_callback(self._watchers.discard)

    async def _wait_for(self, workflow_id: str) -> None:
        """Ring when a launch is over. One that failed must not be launched again at once."""
        (failure,) = await asyncio.gather(self._engine.wait(workflow_id), return_exceptions=True)
        if isinstance(failure, Exception) and not isinstance(failure, Stale):
            extra = {"workflow": workflow_id, "detail": str(failure)}
            _log.error("launch failed", extra=extra, exc_info=failure)
            with contextlib.suppress(Stale):
                await contain(self._world, workflow_id, failure)
        self._bell.set()

    def _outbox(self, kind: str) -> list[Message]:
        return self._world.store.read(lambda tx: tx.outbox(kind=kind))

    async def _tell(self, message: Message) -> None:
        at = self._world.clock.now()
        await in_thread(self._world.store.write, lambda tx: tx.delivered(message.id, at))
