"""Wiring: which adapter stands behind which port in this process."""

from __future__ import annotations

import contextlib
import os
import sys
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sps.bootstrap.notes import Notes
from sps.lib import atomic
from sps.model.pipeline import SandboxMode
from sps.ports.home import Home

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Callable, Collection, Iterator

    from sps.lib.reins import Reins
    from sps.ports.agent import Agents, Registry
    from sps.ports.changes import Changes
    from sps.ports.checks import Checks
    from sps.ports.clock import Chance, Clock, Ids
    from sps.ports.egress import Egress
    from sps.ports.engine import Engine
    from sps.ports.environments import Environments
    from sps.ports.files import CardFiles, PipelineFiles
    from sps.ports.gate import GateRunner
    from sps.ports.lease import Lease
    from sps.ports.logins import Logins
    from sps.ports.programs import Programs
    from sps.ports.remote import Remote
    from sps.ports.sandbox import Sandbox
    from sps.ports.service import ServiceManager
    from sps.ports.skill_merge import Merge
    from sps.ports.skill_store import SkillFolders, SkillSources, SkillStore
    from sps.ports.skills import Skills
    from sps.ports.snapshot import Snapshots
    from sps.ports.store import Store
    from sps.ports.vault import Repositories, Vault
    from sps.ports.wake import Wake

DATABASE = "SPS_DATABASE"
VAULTS = "SPS_VAULTS"
_WORKER = "local"
_LIBRARY = Path(__file__).parent.parent / "library"


class Wired(Notes):
    """A `World` whose parts are made on first use."""

    joined = False

    def __init__(self, home: Home, *, create: bool, url: str) -> None:
        self.home = home
        self.upgraded = ""  #: what was done to an older home when it was opened
        self.flags: dict[str, str] = {}
        self._create = create
        self._url = url

    @property
    def shared(self) -> bool:
        return bool(self._url)

    @cached_property
    def worker(self) -> str:
        """A name that no other process has: a folder has one worker at a time."""
        if not self.shared:
            return _WORKER
        import socket

        host = socket.gethostname().partition(".")[0][:16]
        return f"{host}-{self.home_id[-8:]}".lower()

    @cached_property
    def lease(self) -> Lease | None:
        """What a process needs to work on a home that many share."""
        if not self.shared:
            return None
        from sps.adapters.store_postgres.lease import PostgresLease

        return PostgresLease(self._url, self.home.root)

    @property
    def vaults(self) -> str:
        """Where other machines find the vaults of this home."""
        return os.environ.get(VAULTS) or str(self.home.root / "projects")

    @cached_property
    def home_id(self) -> str:
        path = self.home.root / "id"
        if not path.exists():
            with contextlib.suppress(FileExistsError):  # another process was quicker
                atomic.create(path, self.ids.new().encode())
        return path.read_text().strip()

    @cached_property
    def store(self) -> Store:
        """Open the database that `SPS_DATABASE` names, else the file in the home."""
        if self._url:
            from sps.adapters import store_postgres

            return store_postgres.open_store(self._url, create=self._create, home=self.home_id)
        from sps.adapters import store_sqlite

        return store_sqlite.open_store(
            self.home.database, create=self._create, alone=self._upgrading
        )

    @contextlib.contextmanager
    def _upgrading(self) -> Iterator[None]:
        """Have the home alone while its database is upgraded: its daemon is of an older program."""
        from sps.bootstrap.drain import alone, upgraded

        with alone(self.home.lock) as drained:
            yield
        self.upgraded = upgraded(self.home, drained)

    @cached_property
    def snapshots(self) -> Snapshots:
        """Copies of the database, wherever it is."""
        if self.shared:
            from sps.adapters.store_postgres.snapshot import PostgresSnapshots

            return PostgresSnapshots(self._url)
        from sps.adapters.store_sqlite import SqliteSnapshots

        return SqliteSnapshots(self.home.database)

    @cached_property
    def database(self) -> str:
        """What the store is kept in, without a password."""
        if not self._url:
            return str(self.home.database)
        from sps.adapters.store_postgres.address import address_of

        return address_of(self._url).shown

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not stand in a log, beside what the home keeps in files."""
        if not self._url:
            return ()
        from sps.adapters.store_postgres.address import address_of

        return address_of(self._url).secrets

    @cached_property
    def card_files(self) -> CardFiles:
        from sps.adapters.card_files import CardFolder

        return CardFolder(self.home)

    @cached_property
    def pipeline_files(self) -> PipelineFiles:
        from sps.adapters.pipeline_files import PipelineFolder

        return PipelineFolder(self.home)

    @cached_property
    def vault(self) -> Vault:
        from sps.adapters.git_vault import GitVault

        return GitVault(self.home, reins=self.reins)

    @cached_property
    def reins(self) -> Reins:
        """What holds the git processes that talk to landing targets."""
        from sps.lib.reins import Reins

        return Reins()

    @cached_property
    def repositories(self) -> Repositories:
        from sps.adapters.git_repositories import GitRepositories

        return GitRepositories()

    @cached_property
    def changes(self) -> Changes:
        from sps.adapters.git_repositories import GitChanges

        return GitChanges()

    @cached_property
    def registry(self) -> Registry:
        from sps.adapters.agent_registry import AgentRegistry

        return AgentRegistry(self.home.agents)

    @cached_property
    def agents(self) -> Agents:
        from sps.adapters.agent_acp import AcpAgents

        return AcpAgents(self.sandbox, self.egress, self.logins, self.clock, self.home.agents)

    @cached_property
    def gates(self) -> GateRunner:
        from sps.adapters.gate_command import CommandGates
        from sps.lib.runtime import runtime_paths

        boxes = {mode: self.sandbox(mode) for mode in SandboxMode}
        return CommandGates(boxes, readonly=runtime_paths())

    @cached_property
    def checks(self) -> Checks:
        from sps.adapters.checks_astgrep.runner import WorkerChecks
        from sps.lib.runtime import package_path, runtime_paths

        boxes = {mode: self.sandbox(mode) for mode in SandboxMode}
        return WorkerChecks(boxes, package=package_path(), readonly=runtime_paths())

    @cached_property
    def skills(self) -> Skills:
        from sps.adapters.skills_dir import SkillsDir
        from sps.bootstrap.known_skills import KnownSkills

        stored = SkillsDir((self.home.skill_store,))
        own, library = SkillsDir((self.home.skills,)), SkillsDir((_LIBRARY,))
        return KnownSkills(own, self.skill_store, stored, library, home=self.home.skills)

    @cached_property
    def skill_store(self) -> SkillStore:
        from sps.adapters.skill_store import SkillStoreDir

        return SkillStoreDir(self.home.skill_store, self.clock)

    @cached_property
    def skill_sources(self) -> SkillSources:
        from sps.adapters.skill_sources import OutsideSources

        return OutsideSources(library=_LIBRARY, cache=self.home.skill_cache, environment=os.environ)

    @cached_property
    def egress(self) -> Egress:
        from sps.adapters.egress_proxy import ProxyEgress

        return ProxyEgress()

    @cached_property
    def logins(self) -> Logins:
        from sps.adapters.logins_home import HomeLogins

        return HomeLogins(self.home.logins, self.clock, os.environ)

    @cached_property
    def environments(self) -> Environments:
        from sps.adapters.environment_folders import EnvironmentFolders
        from sps.lib import byte_size
        from sps.services.settings import value

        limit = byte_size.parse(value(self, "environments.limit"))
        return EnvironmentFolders(self.home, limit=limit)

    @cached_property
    def skill_folders(self) -> SkillFolders:
        from sps.adapters.skill_folders import DiskSkillFolders

        return DiskSkillFolders()

    @cached_property
    def skill_merge(self) -> Merge:
        from sps.adapters.skill_merge_git import GitMerge

        return GitMerge()

    @cached_property
    def remote(self) -> Remote:
        from sps.adapters.remote_file import RemoteFile

        return RemoteFile(self.home.remote)

    @cached_property
    def clock(self) -> Clock:
        from sps.adapters.system_clock import SystemClock

        return SystemClock()

    @cached_property
    def ids(self) -> Ids:
        from sps.adapters.system_clock import UlidIds

        return UlidIds(self.clock)

    @cached_property
    def chance(self) -> Chance:
        from sps.adapters.system_clock import SystemChance

        return SystemChance()

    @cached_property
    def wake(self) -> Wake:
        from sps.adapters.wake_socket import SocketWake

        return SocketWake(self.home.socket)

    @cached_property
    def programs(self) -> Programs:
        from sps.adapters.local_programs import LocalPrograms

        return LocalPrograms()

    @cached_property
    def service(self) -> ServiceManager:
        """The service manager of this machine."""
        if sys.platform == "darwin":
            from sps.adapters.service_launchd import LaunchdManager

            return LaunchdManager(os.environ)
        from sps.adapters.service_systemd import SystemdManager

        return SystemdManager(os.environ)

    async def warm(self) -> None:
        """Import, off the loop, what the first agent session would otherwise wait for."""
        import asyncio
        import importlib

        await asyncio.to_thread(importlib.import_module, "acp")

    @contextlib.asynccontextmanager
    async def listen(self, on_ring: Callable[[], None]) -> AsyncIterator[None]:
        """Hear the rings of other processes while inside, and what other machines write."""
        import asyncio

        from sps.adapters.wake_socket.listen import listen

        loop = asyncio.get_running_loop()
        listener = await listen(self.home.socket, on_ring)
        try:
            with self._news(lambda: loop.call_soon_threadsafe(on_ring)):
                yield
        finally:
            listener.close()

    def _news(self, heard: Callable[[], object]) -> contextlib.AbstractContextManager[None]:
        """Hear what other processes write into a database that many share."""
        if not self._url:
            return contextlib.nullcontext()
        from sps.adapters.store_postgres import PostgresStore

        assert isinstance(self.store, PostgresStore)
        return self.store.listening(heard)

    async def watch(
        self, projects: Collection[str], over: asyncio.Event
    ) -> AsyncIterator[tuple[str, set[str]]]:
        """Give a project and the names of its card files that changed, until `over` is set."""
        from sps.adapters.watch_files import changes

        by_folder = {self.home.cards(name): name for name in projects}
        for folder in by_folder:  # a folder that comes later would not be watched
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        async for found in changes(by_folder, over):
            for folder, names in found.items():
                yield by_folder[folder], names

    def sandbox(self, mode: SandboxMode) -> Sandbox:
        return self._bare if mode is SandboxMode.NONE else self._boxed

    @cached_property
    def _boxed(self) -> Sandbox:
        from sps.adapters.sandbox_bwrap import BwrapSandbox

        return BwrapSandbox(protected=(str(self.home.root),))

    @cached_property
    def _bare(self) -> Sandbox:
        from sps.adapters.sandbox_none import NoSandbox

        return NoSandbox()

    def engine(self) -> Engine:
        """Make the engine that the setting `engine.kind` names."""
        from sps.services.settings import value

        if value(self, "engine.kind") == "dbos":
            from sps.adapters.engine_dbos import DbosEngine

            where = self._url or self.home.engine_database
            return DbosEngine(where, executor_id=self.worker, clock=self.clock)
        from sps.adapters.engine_journal import JournalEngine, StoreJournal

        return JournalEngine(StoreJournal(self.store, self.clock), self.clock)
