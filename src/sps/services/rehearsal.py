"""A world in which everything is checked and nothing is changed, for `--dry-run`."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from sps.ports.files import Installs
from sps.ports.store import FileStamp

if TYPE_CHECKING:
    from pathlib import Path

    from sps.model.card import CardText
    from sps.model.desk import Desk
    from sps.model.pipeline import Pipeline
    from sps.model.project import Project
    from sps.ports.agent import AgentDoctor, AgentKind
    from sps.ports.environments import Made, Toolbox
    from sps.ports.files import CardFile, OldSettings
    from sps.ports.logins import LoginState
    from sps.ports.store import Reading, Store, Writing
    from sps.ports.world import World
    from sps.services.skills.rehearsed import RehearsedSkillFolders, RehearsedSkillStore

T = TypeVar("T")


class _Undone(Exception):
    """Carries a result out of a transaction that is rolled back."""

    def __init__(self, result: object) -> None:
        super().__init__("rolled back")
        self.result = result


class Rehearsal:
    """Passes every question on to the real world. Transactions are rolled back at their end, files
    and repositories are only looked at; what a service refuses, it refuses here too."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.card_files = RehearsedCards(world)
        self.pipeline_files = RehearsedPipelines(world)
        self.wake = Silent()

    @cached_property
    def store(self) -> Store:
        return RehearsedStore(self._world.store)

    @property
    def settings_file(self) -> RehearsedSettings:
        return RehearsedSettings(self._world)

    @property
    def desk(self) -> RehearsedDesk:
        return RehearsedDesk(self._world)

    @property
    def vault(self) -> RehearsedVault:
        return RehearsedVault(self._world)

    @property
    def repositories(self) -> RehearsedRepositories:
        return RehearsedRepositories(self._world)

    @property
    def registry(self) -> RehearsedRegistry:
        return RehearsedRegistry(self._world)

    @property
    def logins(self) -> RehearsedLogins:
        return RehearsedLogins(self._world)

    @property
    def environments(self) -> RehearsedEnvironments:
        return RehearsedEnvironments(self._world)

    @cached_property
    def skill_store(self) -> RehearsedSkillStore:
        from sps.services.skills.rehearsed import RehearsedSkillStore

        return RehearsedSkillStore(self._world.skill_store, self._world.home)

    @cached_property
    def skill_folders(self) -> RehearsedSkillFolders:
        from sps.services.skills.rehearsed import RehearsedSkillFolders

        return RehearsedSkillFolders(self._world.skill_folders)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._world, name)


class RehearsedStore:
    """A store that rolls every change back."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def read(self, question: Callable[[Reading], T]) -> T:
        return self._store.read(question)

    def write(self, change: Callable[[Writing], T]) -> T:
        def undone(tx: Writing) -> T:
            raise _Undone(change(tx))

        try:
            return self._store.write(undone)
        except _Undone as end:
            return end.result  # type: ignore[return-value]  # it is what `change` returned

    def observe(self, heard: Callable[[], None]) -> None:
        self._store.observe(heard)

    def check(self) -> list[str]:
        return self._store.check()

    def close(self) -> None:
        self._store.close()


class RehearsedEnvironments:
    """Kept environments that are looked at, never dropped."""

    def __init__(self, world: World) -> None:
        self._kept = world.environments

    @property
    def limit(self) -> int:
        return self._kept.limit

    def all(self, project: str) -> list[Made]:
        return self._kept.all(project)

    def toolbox(self, tools: tuple[str, ...]) -> Toolbox:
        return self._kept.toolbox(tools)

    def outside(self, program: str) -> tuple[str, ...]:
        return self._kept.outside(program)

    def drop(self, project: str, name: str) -> bool:
        return any(made.name == name for made in self._kept.all(project))


class RehearsedSettings:
    """Settings that are read and checked, never written."""

    def __init__(self, world: World) -> None:
        self._file = world.settings_file

    def read(self) -> dict[str, str]:
        return self._file.read()

    def change(self, change: Callable[[dict[str, str]], dict[str, str]]) -> None:
        change(self._file.read())


class RehearsedDesk:
    """A desk on which nothing is moved."""

    def __init__(self, world: World) -> None:
        self._file = world.desk

    def read(self) -> Desk:
        return self._file.read()

    def change(self, change: Callable[[Desk], tuple[Desk, T]]) -> T:
        return change(self._file.read())[1]


class RehearsedCards:
    """Card files that are read, never written."""

    def __init__(self, world: World) -> None:
        self._files = world.card_files

    def scan(self, project: str) -> list[FileStamp]:
        return self._files.scan(project)

    def names(self, project: str) -> frozenset[str]:
        return self._files.names(project)

    def stamp(self, project: str, name: str) -> FileStamp | None:
        return self._files.stamp(project, name)

    def highest(self, project: str) -> int:
        return self._files.highest(project)

    def find(self, project: str, seq: int) -> str | None:
        return self._files.find(project, seq)

    def read(self, project: str, name: str) -> CardFile:
        return self._files.read(project, name)

    def check(self, text: CardText) -> None:
        self._files.check(text)

    def create(self, project: str, seq: int, text: CardText) -> FileStamp:
        self._files.check(text)
        return FileStamp(name=f"{seq}-{project}.md", mtime_ns=0, size=len(text.body))

    def edit(self, project: str, name: str, text: CardText, expected: FileStamp) -> FileStamp:
        self._files.check(text)
        self._files.read(project, name)
        return expected


class RehearsedPipelines:
    """Pipeline files that are parsed, never put in force."""

    def __init__(self, world: World) -> None:
        self._files = world.pipeline_files

    def parse(self, text: str, name: str) -> Pipeline:
        return self._files.parse(text, name)

    def load(self, project: str) -> Pipeline:
        return self._files.load(project)

    def install(self, project: str, text: str) -> None:
        self._files.parse(text, f"{project}: pipeline.yaml")

    def read(self, path: Path) -> str:
        return self._files.read(path)

    def old_settings(self, path: Path) -> OldSettings:
        return self._files.old_settings(path)

    def draft(
        self,
        gates: list[tuple[str, str, str]],
        *,
        active: bool,
        installs: Installs = Installs(),  # noqa: B008  # frozen
    ) -> str:
        return self._files.draft(gates, active=active, installs=installs)


class RehearsedVault:
    """A vault that is not made."""

    def __init__(self, world: World) -> None:
        self._world = world

    def create(self, project: Project) -> None:
        """Leave it."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._world.vault, name)


class RehearsedRepositories:
    """Repositories that get no note."""

    def __init__(self, world: World) -> None:
        self._real = world.repositories

    def claim(self, path: str, owner: str) -> None:
        """Leave no note."""

    def unclaim(self, path: str, owner: str) -> None:
        """Take no note away."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class RehearsedRegistry:
    """A registry that learns nothing."""

    def __init__(self, world: World) -> None:
        self._real = world.registry

    def kinds(self) -> list[AgentKind]:
        return self._real.kinds()

    def kind(self, name: str) -> AgentKind:
        return self._real.kind(name)

    def namesake(self, kind: AgentKind) -> str:
        return self._real.namesake(kind)

    def doctor(self, kind: AgentKind) -> AgentDoctor:
        return self._real.doctor(kind)

    def add(self, kind: AgentKind) -> None:
        """Leave it."""

    def remove(self, name: str) -> None:
        """Leave it."""

    def origin(self, name: str) -> str:
        return self._real.origin(name)


class RehearsedLogins:
    """Logins that are only looked at."""

    def __init__(self, world: World) -> None:
        self._real = world.logins

    def state(self, kind: AgentKind) -> LoginState:
        return self._real.state(kind)

    def found(self, kind: AgentKind) -> list[str]:
        return self._real.found(kind)

    def bring(self, kind: AgentKind) -> list[str]:
        return self.found(kind)

    def keep_key(self, kind: AgentKind, name: str, value: str) -> None:
        """Keep nothing."""

    def kept(self, kind: AgentKind) -> list[str]:
        return self._real.kept(kind)

    def forget(self, kind: AgentKind) -> list[str]:
        return list(self.state(kind).names)


class Silent:
    """A bell without a clapper."""

    def ring(self) -> bool:
        return False
