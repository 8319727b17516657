"""The one instance of DBOS that a process can have, and how we want it."""

from __future__ import annotations

import asyncio
import importlib
import os
import re
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from sps.adapters.engine_dbos.steps import NotRecorded
from sps.lib.threads import in_thread
from sps.model.errors import Absent, Held, WorkFailed

if TYPE_CHECKING:
    import sqlite3

    import sqlalchemy
    from dbos import DBOSConfig

#: Ends the application version. Constant on purpose: DBOS strands work of every other version.
_VERSION = "-1"
WORKFLOW_NAME = "card"

Body = Callable[[str], Awaitable[None]]

# DBOS keeps its instance in a module, so two of ours would silently be one.
_only = threading.Lock()


class Instance:
    """DBOS from `open` to `close`. Its SQLite file is readable by its owner only."""

    def __init__(self, database: Path | str, executor_id: str) -> None:
        self._database = database
        self._executor_id = executor_id
        self._engine: sqlalchemy.Engine | None = None
        self._begin: Callable[[str], Awaitable[object]] | None = None

    async def open(self, body: Body) -> None:
        """Launch on the running loop, which becomes the loop of every workflow.

        Raises `Held("engine-running")` when this process has one, `Absent("engine-database")`.
        """
        if not _only.acquire(blocking=False):
            raise Held("engine-running", "this process runs an engine on DBOS already")
        try:
            await in_thread(_import)
            self._launch(body)
        except BaseException:
            await self._destroy()
            raise

    async def begin(self, workflow_id: str, *, again: bool) -> None:
        """Start a workflow at once; `again`: one that was given back, within about a second."""
        from dbos import DBOS, SetWorkflowID

        if again:
            await DBOS.resume_workflow_async(workflow_id)
            return
        assert self._begin is not None
        with SetWorkflowID(workflow_id):
            await self._begin(workflow_id)

    async def status(self, workflow_id: str) -> str | None:
        """Return the state DBOS has for a workflow of any executor, None when it has none."""
        from dbos import DBOS

        found = await DBOS.get_workflow_status_async(workflow_id)
        return None if found is None else found.status

    async def give_back(self, workflow_id: str) -> None:
        """Say that nobody runs an unfinished workflow, and that it must not start by itself."""
        from dbos import DBOS

        await DBOS.cancel_workflow_async(workflow_id)

    async def forget(self, workflow_id: str) -> None:
        """Delete a workflow and its steps; one that is not there is fine."""
        from dbos import DBOS

        await DBOS.delete_workflow_async(workflow_id)

    async def close(self) -> None:
        """Let go of threads, connections and the place in this process."""
        await self._destroy()

    async def unfinished(self) -> list[str]:
        """Return the workflows of an earlier life that this one takes up."""
        from dbos import DBOS

        rows = await DBOS.list_workflows_async(
            status=["PENDING", "ENQUEUED"], load_input=False, load_output=False
        )
        return [row.workflow_id for row in rows]

    def _launch(self, body: Body) -> None:
        import sqlalchemy
        from dbos import DBOS, error

        async def card(workflow_id: str) -> None:
            # Left alone, these two make DBOS wait here for what another execution records.
            try:
                await body(workflow_id)
            except error.DBOSWorkflowCancelledError as err:
                raise asyncio.CancelledError from err
            except error.DBOSWorkflowConflictIDError as err:
                raise NotRecorded(WorkFailed("workflow-taken-over", str(err))) from err

        try:
            DBOS(config=self._config())
            DBOS.listen_queues([])
            workflow = DBOS.workflow(name=WORKFLOW_NAME, max_recovery_attempts=None)(card)
            self._begin = lambda workflow_id: DBOS.start_workflow_async(workflow, workflow_id)
            DBOS.launch()
        except (sqlalchemy.exc.SQLAlchemyError, error.DBOSException, OSError) as err:
            raise Absent(
                "engine-database",
                f"the engine's database cannot be opened: {err}",
                hint="sps doctor",
            ) from err

    def _config(self) -> DBOSConfig:
        from dbos import DBOSPortableJSONSerializer

        # The application is this executor, so that no living worker takes up what another one puts
        # back into DBOS's own queue when it restarts.
        name = "sps-" + re.sub(r"[^a-z0-9_-]", "-", self._executor_id.lower())
        config: DBOSConfig = {
            "name": name,
            "system_database_url": self._url(),
            "application_version": name + _VERSION,
            "executor_id": self._executor_id,
            "serializer": DBOSPortableJSONSerializer(),  # the default one reads pickles
            "log_level": "CRITICAL",  # cancellations are no errors; failures are logged by us
            "scheduler_polling_interval_sec": 3600,
            "notification_listener_polling_interval_sec": 0.5,  # how long closing can take
        }
        if isinstance(self._database, Path):
            self._engine = _sqlite(self._database)
            config["system_database_engine"] = self._engine
        return config

    def _url(self) -> str:
        if isinstance(self._database, Path):
            return f"sqlite:///{self._database}"
        return self._database

    async def _destroy(self) -> None:
        try:
            await in_thread(self._let_go)
        finally:
            # DBOS made its own pool, which is gone now, the one behind `asyncio.to_thread`.
            asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())
            _only.release()

    def _let_go(self) -> None:
        from dbos import DBOS

        DBOS.destroy(destroy_registry=True)
        if self._engine is not None:
            self._engine.dispose()


def _import() -> None:
    """Pay for the import in a thread: half a second in which the loop goes on."""
    importlib.import_module("dbos")


def _sqlite(path: Path) -> sqlalchemy.Engine:
    """Make an engine with what DBOS sets on its own one, and the durability that it does not."""
    import sqlalchemy

    os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    engine = sqlalchemy.create_engine(f"sqlite:///{path}")

    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = "IMMEDIATE"
        for pragma in ("busy_timeout=30000", "journal_mode=wal", "synchronous=full"):
            connection.execute(f"pragma {pragma}")
        connection.execute("pragma foreign_keys=on")

    sqlalchemy.event.listen(engine, "connect", prepare)
    return engine
