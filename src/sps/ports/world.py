"""All ports of one process, as services and flow receive them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from sps.model.pipeline import SandboxMode
from sps.ports.access import Access
from sps.ports.agent import Agents, Registry
from sps.ports.changes import Changes
from sps.ports.checks import Checks
from sps.ports.clock import Chance, Clock, Ids
from sps.ports.egress import Egress
from sps.ports.environments import Environments
from sps.ports.files import CardFiles, PipelineFiles
from sps.ports.gate import GateRunner
from sps.ports.home import Home
from sps.ports.logins import Logins
from sps.ports.notes import DeskFile, SettingsFile
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


class World(Protocol):
    """What the process was wired with. Parts are made when they are first asked for."""

    @property
    def home(self) -> Home: ...
    @property
    def home_id(self) -> str:
        """A stable random name of this home, part of every process tag."""
        ...

    @property
    def worker(self) -> str:
        """The name of this process among the workers of the home."""
        ...

    @property
    def shared(self) -> bool:
        """Whether other machines may work on this home too."""
        ...

    @property
    def joined(self) -> bool:
        """Whether this process works for a home elsewhere: it reads no card files, admits nothing
        and lands nothing."""
        ...

    @property
    def store(self) -> Store: ...
    @property
    def snapshots(self) -> Snapshots: ...
    @property
    def database(self) -> str:
        """What the store is kept in, as it may be shown: without a password."""
        ...

    @property
    def card_files(self) -> CardFiles: ...
    @property
    def pipeline_files(self) -> PipelineFiles: ...
    @property
    def vault(self) -> Vault: ...
    @property
    def repositories(self) -> Repositories: ...
    @property
    def changes(self) -> Changes: ...
    @property
    def registry(self) -> Registry: ...
    @property
    def agents(self) -> Agents: ...
    @property
    def gates(self) -> GateRunner: ...
    @property
    def egress(self) -> Egress: ...
    @property
    def logins(self) -> Logins: ...
    @property
    def environments(self) -> Environments: ...
    @property
    def checks(self) -> Checks: ...
    @property
    def skills(self) -> Skills: ...
    @property
    def skill_store(self) -> SkillStore: ...
    @property
    def skill_sources(self) -> SkillSources: ...
    @property
    def skill_folders(self) -> SkillFolders: ...
    @property
    def skill_merge(self) -> Merge: ...
    @property
    def access(self) -> Access: ...
    @property
    def remote(self) -> Remote: ...
    @property
    def settings_file(self) -> SettingsFile: ...
    @property
    def desk(self) -> DeskFile: ...
    @property
    def flags(self) -> Mapping[str, str]:
        """The settings that this process was told by options of its command."""
        ...

    @property
    def service(self) -> ServiceManager:
        """The service manager of this machine."""
        ...

    @property
    def clock(self) -> Clock: ...
    @property
    def ids(self) -> Ids: ...
    @property
    def chance(self) -> Chance: ...
    @property
    def wake(self) -> Wake: ...
    def sandbox(self, mode: SandboxMode) -> Sandbox: ...
