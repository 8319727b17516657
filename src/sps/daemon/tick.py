"""Working in the foreground until nothing can move."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

from sps.bootstrap import Wired
from sps.daemon.board import Board, look
from sps.daemon.dispatcher import SCAN_S
from sps.daemon.life import end_with, last_resort, log_to_home, take_lock, working
from sps.daemon.wakeups import wakeups
from sps.lib.lock import holder
from sps.lib.threads import in_thread
from sps.model.errors import Misuse

_FOLLOW_S = 0.2

OnBoard = Callable[[Board], None]


def tick(
    world: Wired, projects: tuple[str, ...], *, on_board: OnBoard = lambda _: None, limit: int = 8
) -> Board:
    """Work on some projects (all when none is named) until nothing can move without a person, and
    return the board. With a daemon on the home, follow its work instead.

    Raises `Misuse("unknown-project")`, `Held("home-busy")`; `KeyboardInterrupt` after an orderly
    stop.
    """
    known = [project.name for project in world.store.read(lambda tx: tx.projects())]
    for name in projects:
        if name not in known:
            raise Misuse(
                "unknown-project", f'there is no project "{name}"', hint="sps project list"
            )
    names = projects or tuple(known)
    if (holder(world.home.lock) or "").startswith("daemon"):
        world.wake.ring()
        return asyncio.run(_follow(world, names, on_board))
    lock = take_lock(world, "tick")
    log_to_home(world, "tick")
    try:
        return asyncio.run(_work(world, names, on_board, limit))
    finally:
        lock.release()


async def _work(world: Wired, names: tuple[str, ...], on_board: OnBoard, limit: int) -> Board:
    task = asyncio.current_task()
    last: threading.Timer | None = None

    def stop() -> None:
        nonlocal last
        last = last or last_resort()
        if task is not None:
            task.cancel()

    end_with(stop)
    try:
        async with working(world, world.engine(), projects=names, limit=limit) as dispatcher:
            dispatcher.on_turn = on_board
            async with wakeups(world, dispatcher):
                return await dispatcher.run(until_quiet=True)
    except asyncio.CancelledError:
        if last is not None:
            raise KeyboardInterrupt from None
        raise
    finally:
        if last is not None:
            last.cancel()


async def _follow(world: Wired, names: tuple[str, ...], on_board: OnBoard) -> Board:
    """Watch a daemon work until nothing of these projects can move."""
    calm, since = 0, world.clock.steady()
    while True:
        board = await in_thread(look, world, names)
        on_board(board)
        if board.working or not board.quiet:
            calm, since = 0, world.clock.steady()
        # What a daemon cannot read within some scans it will not read.
        elif await in_thread(_read, world, names) or world.clock.steady() - since > 3 * SCAN_S:
            calm += 1
        if calm >= 3 or holder(world.home.lock) is None:
            return board
        await asyncio.sleep(_FOLLOW_S)


def _read(world: Wired, names: tuple[str, ...]) -> bool:
    """Whether every card file stands in the rows as it is now."""
    rows = world.store.read(lambda tx: {name: tx.file_stamps(name) for name in names})
    for name, known in rows.items():
        stamps = {stamp.name: (stamp.mtime_ns, stamp.size) for stamp in world.card_files.scan(name)}
        if stamps != {file: (row.mtime_ns, row.size) for file, (_, row) in known.items()}:
            return False
    return True
