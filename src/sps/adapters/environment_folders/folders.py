"""The folders that hold environments: `environments/<name>` of each project in a home."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from sps.adapters.environment_folders import tools
from sps.adapters.environment_folders.contents import look
from sps.adapters.environment_folders.harvest import harvest, refused
from sps.adapters.environment_folders.outside import outside
from sps.lib import atomic
from sps.lib.byte_size import show
from sps.lib.killpoint import reach
from sps.lib.lock import FileLock
from sps.lib.open_folder import remove
from sps.model.errors import WorkFailed
from sps.ports.environments import Failed, Made, Recipe, Toolbox
from sps.ports.home import Home

LIMIT = 10 * 1024**3

_RECORD, _CONTENT = "record.json", "content"
_HALF, _LOCKS, _FAILED, _LOGS = ".half", ".locks", ".failed", "logs"
_MOST_FAILED = 20  # notes of failures with their logs, per project
_NS_PER_MS = 1_000_000


class EnvironmentFolders:
    """Implements `sps.ports.environments.Environments`. An environment is a folder with a record,
    written elsewhere in the home and then moved to its place; from then on its files are read-only
    and only ever copied."""

    def __init__(self, home: Home, *, limit: int = LIMIT) -> None:
        self._home = home
        self._limit = limit

    @property
    def limit(self) -> int:
        return self._limit

    def toolbox(self, wanted: tuple[str, ...]) -> Toolbox:
        return tools.toolbox(wanted, protected=self._home.root)

    def outside(self, program: str) -> tuple[str, ...]:
        return outside(program, protected=self._home.root)

    def find(self, project: str, name: str) -> Made | None:
        made = self._read(project, name)
        if made is not None:
            with contextlib.suppress(FileNotFoundError):  # dropped at this moment: the lease tells
                os.utime(self._place(project, name) / _RECORD)
        return made

    def adopt(self, project: str, own: str, name: str) -> Made | None:
        there, mine = self._place(project, own), self.lock(project, own)
        if own == name or not there.is_dir() or not mine.take():
            return None
        try:
            made = self._read(project, own)
            if made is None:
                return None
            record = msgspec.structs.replace(made, name=name, own=False, content="")
            atomic.write(there / _RECORD, msgspec.json.encode(record))
            os.rename(there, self._place(project, name))
            return self._read(project, name)
        finally:
            self._let_go(project, own, mine)

    def publish(self, project: str, name: str, recipe: Recipe) -> Made:
        half = self._inner(project, _HALF) / name
        remove(half)
        try:
            half.mkdir(mode=0o700)
            content = half / _CONTENT
            content.mkdir()
            try:
                left_out = harvest(recipe, content, most_bytes=self._limit)
                made = _made(project, name, recipe, content, left_out)
            except OSError as err:
                if isinstance(err, PermissionError | FileNotFoundError | NotADirectoryError):
                    raise refused(f"what the setup made cannot be read: {err}") from err
                raise
            reach("setup-before-publish")
            os.sync()  # a record that outlives a power cut must not stand beside empty files
            atomic.write(half / _RECORD, msgspec.json.encode(made))
            remove(self._place(project, name))  # there is none, or one that cannot be read
            os.rename(half, self._place(project, name))
        finally:
            remove(half)
        reach("setup-after-publish")
        self._forget(project, name)
        found = self._read(project, name)
        if found is None:
            raise WorkFailed("setup-lost", f"environment {name} is gone as soon as it was made")
        return found

    def lock(self, project: str, name: str) -> FileLock:
        return FileLock(self._inner(project, _LOCKS) / name)

    @contextlib.contextmanager
    def lease(self, project: str, name: str) -> Iterator[Made | None]:
        lock = self.lock(project, name)
        if not lock.share():  # its maker, or who drops it, has it: either way it is not there
            yield None
            return
        try:
            yield self._read(project, name)
        finally:
            lock.release()

    def log(self, project: str, name: str, step: int) -> Path:
        return self._inner(project, _LOGS) / f"{name}-{step}.log"

    def fail(self, project: str, name: str, failed: Failed) -> None:
        notes = self._inner(project, _FAILED)
        atomic.swap(notes / name, msgspec.json.encode(failed))
        # Others note failures too: what begins with a dot is still being written.
        found = sorted(notes.glob("[!.]*"), key=_changed_ns)
        for old in found[:-_MOST_FAILED]:
            self._forget(project, old.name)
            self._remove_logs(project, old.name)

    def failed(self, project: str, name: str) -> Failed | None:
        path = self._home.environments(project) / _FAILED / name
        try:
            return msgspec.json.decode(path.read_bytes(), type=Failed)
        except (OSError, msgspec.DecodeError):
            return None

    def all(self, project: str) -> list[Made]:
        try:
            names = os.listdir(self._home.environments(project))
        except OSError:
            return []
        found = [self._read(project, name) for name in names if name[0] != "." and name != _LOGS]
        return sorted((one for one in found if one), key=lambda one: -one.used_at)

    def drop(self, project: str, name: str) -> bool:
        place, lock = self._place(project, name), self.lock(project, name)
        if not lock.take():
            return False
        try:
            half = self._inner(project, _HALF) / name
            remove(half)
            with contextlib.suppress(FileNotFoundError):
                os.rename(place, half)
            remove(half)
            self._remove_logs(project, name)
            return True
        finally:
            lock.remove()

    def trim(self, *, limit: int | None = None) -> list[Made]:
        most = self._limit if limit is None else limit
        made = [one for project in self._projects() for one in self.all(project)]
        rest = sum(one.bytes for one in made)
        dropped = []
        for one in sorted(made, key=lambda one: one.used_at):
            if rest <= most:
                break
            if self.drop(one.project, one.name):
                rest -= one.bytes
                dropped.append(one)
        return dropped

    def sweep(self) -> None:
        for project in self._projects():
            half, locks = self._inner(project, _HALF), self._inner(project, _LOCKS)
            for name in {*os.listdir(half), *os.listdir(locks)}:
                lock = self.lock(project, name)
                if lock.take():
                    remove(half / name)
                    self._let_go(project, name, lock)

    def fault(self, made: Made) -> str:
        try:
            now = look(Path(made.content), made.root)
        except OSError as err:
            return f"it cannot be read: {err}"
        if now.stamp == made.stamp:
            return ""
        return (
            f"its contents are not what was published: {now.files} files, {show(now.bytes)} "
            f"instead of {made.files} files, {show(made.bytes)}"
        )

    def _let_go(self, project: str, name: str, lock: FileLock) -> None:
        """Let go of an environment's lock, and of the lock's file when there is none any more."""
        if self._place(project, name).exists():
            lock.release()
        else:
            lock.remove()

    def _forget(self, project: str, name: str) -> None:
        (self._inner(project, _FAILED) / name).unlink(missing_ok=True)

    def _remove_logs(self, project: str, name: str) -> None:
        for log in self._inner(project, _LOGS).glob(f"{name}-*.log"):
            log.unlink(missing_ok=True)

    def _projects(self) -> list[str]:
        folder = self._home.root / "projects"
        names = sorted(os.listdir(folder)) if folder.is_dir() else []
        return [name for name in names if self._home.environments(name).is_dir()]

    def _place(self, project: str, name: str) -> Path:
        return self._home.environments(project) / name

    def _inner(self, project: str, name: str) -> Path:
        folder = self._home.environments(project) / name
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    def _read(self, project: str, name: str) -> Made | None:
        place = self._place(project, name)
        try:
            made = msgspec.json.decode((place / _RECORD).read_bytes(), type=Made)
            used = (place / _RECORD).stat().st_mtime_ns // _NS_PER_MS
        except (OSError, msgspec.DecodeError):
            return None
        return msgspec.structs.replace(
            made, name=name, project=project, used_at=used, content=str(place / _CONTENT)
        )


def _changed_ns(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:  # somebody removed it meanwhile
        return 0


def _made(
    project: str, name: str, recipe: Recipe, content: Path, left_out: tuple[str, ...]
) -> Made:
    whole = look(content, recipe.root)
    return Made(
        name=name,
        project=project,
        key=recipe.key,
        tree=recipe.tree,
        own=recipe.own,
        root=recipe.root,
        stamp=whole.stamp,
        files=whole.files,
        bytes=whole.bytes,
        seconds=recipe.seconds,
        made_at=recipe.made_at,
        used_at=recipe.made_at,
        content="",
        mentions={
            path: tuple(
                one[len(path) + 1 :] for one in whole.mentions if f"{one}/".startswith(f"{path}/")
            )
            for path in recipe.keep
        },
        left_out=left_out,
    )
