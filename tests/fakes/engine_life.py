"""Lives of an engine on one journal or database, in this process and in one that can be killed.

As a program (`python -m tests.fakes.engine_life KIND FOLDER EXECUTOR WORKFLOW`) it runs one
workflow of two steps to its end and then stops. Each step appends `EXECUTOR STEP` to the file
`effects` in the folder before its result is recorded; with `SPS_KILL_AT` the process dies where
that says. With `HANG=name` that step leaves a sleeping child process and never ends; its next life
finds the child's number in the folder, ends it, and goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sps.adapters import store_postgres, store_sqlite
from sps.adapters.engine_dbos import DbosEngine
from sps.adapters.engine_journal import JournalEngine, MemoryJournal, StoreJournal
from sps.lib import process
from sps.ports.engine import Engine, Steps, Workflow
from sps.ports.store import Store
from tests.fakes.clock import FakeClock
from tests.fakes.postgres_server import database_for

LOCAL = ("memory", "store", "dbos")
KINDS = (*LOCAL, "store-postgres", "dbos-postgres")


@dataclass
class Lives:
    """Makes engines that see what earlier ones left."""

    kind: str
    folder: Path
    store: Store | None = None
    url: str = ""
    clock: FakeClock = field(default_factory=FakeClock)
    memory: MemoryJournal = field(default_factory=MemoryJournal)

    def engine(self, executor: str = "one") -> Engine:
        if self.kind.startswith("dbos"):
            database = self.url or self.folder / "engine.db"
            return DbosEngine(database, executor_id=executor, clock=self.clock)
        if self.kind == "memory":
            return JournalEngine(self.memory, self.clock)
        assert self.store is not None
        return JournalEngine(StoreJournal(self.store, self.clock), self.clock)

    @contextlib.asynccontextmanager
    async def life(self, workflow: Workflow, executor: str = "one") -> AsyncIterator[Engine]:
        """Start an engine, and stop it however the block ends. Bounded, against hangs."""
        engine = self.engine(executor)
        async with asyncio.timeout(60):
            await engine.start(workflow)
            try:
                yield engine
            finally:
                await engine.stop()


@contextlib.contextmanager
def lives(kind: str, folder: Path) -> Iterator[Lives]:
    """Open what the kind needs, and close it."""
    url = database_for(folder) if kind.endswith("-postgres") else ""
    if not kind.startswith("store"):
        yield Lives(kind, folder, url=url)
        return
    store: Store
    if url:
        store = store_postgres.open_store(url, create=True)
    else:
        store = store_sqlite.open_store(folder / "store.db", create=True)
    try:
        yield Lives(kind, folder, store)
    finally:
        store.close()


async def _hang_once(folder: Path) -> None:
    witness = folder / "child"
    if witness.exists():
        process.kill_tree(int(witness.read_text(encoding="ascii")))
        return
    child = await process.spawn(["sleep", "600"], env=dict(os.environ), cwd=None)
    witness.write_text(str(child.pid), encoding="ascii")
    print("hangs", flush=True)
    await child.wait()


def two_steps(folder: Path, executor: str) -> Workflow:
    """Return the workflow of the program."""

    async def workflow(steps: Steps) -> None:
        for name in ("first", "second"):

            async def effect(name: str = name) -> str:
                with (folder / "effects").open("a", encoding="ascii") as file:
                    file.write(f"{executor} {name}\n")
                if os.environ.get("HANG") == name:
                    await _hang_once(folder)
                return name

            await steps.run(name, effect)

    return workflow


async def _main(kind: str, folder: Path, executor: str, workflow_id: str) -> None:
    with lives(kind, folder) as world:
        async with world.life(two_steps(folder, executor), executor) as engine:
            await engine.submit(workflow_id)
            await engine.wait(workflow_id)


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], sys.argv[4]))
