"""A home as one file: its database, its cards and pipelines, its vaults.

What is left out: logins of agents and tokens, which are made again, and the logs of runs.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from sps import __version__
from sps.lib.staging import staged, sweep
from sps.lib.times import compact, rfc3339
from sps.model.errors import Misuse
from sps.ports.vault import CUT

if TYPE_CHECKING:
    from sps.model.project import Project
    from sps.ports.home import Home
    from sps.ports.world import World

FORMAT = 1
MANIFEST = "backup.json"
PROJECTS = "projects.json"  #: of a home whose database is elsewhere: what its vaults are for
BUNDLE = "vault.bundle"
LOCK = "daemon.lock"  #: of the folder in which something is made ready: of a home, its own
RESTORING = ".restoring-"  #: after the name of a home: the folder beside it that is to replace it
_STAGING = ".backup-"
_CHUNK = 1 << 20
_SINGLE = (
    "id", "place", "agents.yaml", "settings.json", "desk.json", "setup.json", "skill-users.json",
)  # fmt: skip
_FOLDERS = ("skills", "skill-store", "audit")


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds; it is the first member. `files` are sha256 by name."""

    format: int
    version: str
    schema: int
    taken_at: str
    projects: list[str]
    files: dict[str, str]


class BackedUp(msgspec.Struct, frozen=True, kw_only=True):
    """A backup that was written and read again."""

    path: str
    bytes: int
    projects: list[str]
    files: int


def backup_home(world: World, path: Path | None = None) -> BackedUp:
    """Write a home to a tar.gz (default: a dated name in the current folder), also while a daemon
    works on it. Raises `Misuse` (file-exists, unwritable-file), `Absent("database-broken")`."""
    target, at = path or _default(world), rfc3339(world.clock.now())
    _refuse(target)
    sweep_leftovers(world.home)
    with staged(lambda: world.home.root / f"{_STAGING}{world.ids.new()}", LOCK) as staging:
        return _written(world, staging, target, at)


def planned(world: World, path: Path | None = None) -> BackedUp:
    """Return what `backup_home` would write, as far as it is known before: no size, no number of
    files. Raises what it raises before it begins."""
    target = path or _default(world)
    _refuse(target)
    projects = [project.name for project in world.store.read(lambda tx: tx.projects())]
    return BackedUp(path=str(target), bytes=0, projects=projects, files=0)


def _default(world: World) -> Path:
    return Path(f"sps-backup-{compact(world.clock.now())}Z.tar.gz")


def _refuse(target: Path) -> None:
    if target.exists():
        raise Misuse("file-exists", f"{target} is there already", hint="sps backup OTHER")
    if not target.absolute().parent.is_dir():
        raise Misuse(
            "unwritable-file", f"there is no folder {target.absolute().parent}",
            hint="sps backup OTHER", where=str(target),
        )  # fmt: skip


def sweep_leftovers(home: Home) -> int:
    """Remove what backups of this home and restores of it left that were killed; return how many
    such folders there were."""
    left = sweep(home.root, _STAGING, LOCK)
    return left + sweep(home.root.parent, f"{home.root.name}{RESTORING}", LOCK)


def _written(world: World, staging: Path, target: Path, at: str) -> BackedUp:
    schema = world.snapshots.take(staging / world.snapshots.name)
    projects = world.store.read(lambda tx: tx.projects())
    if world.shared:
        (staging / PROJECTS).write_bytes(msgspec.json.encode(projects))
    members = dict(_members(world, staging, projects))
    manifest = Manifest(
        format=FORMAT,
        version=__version__,
        schema=schema,
        taken_at=at,
        projects=[project.name for project in projects],
        files={name: digest(file) for name, file in members.items()},
    )
    (staging / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest)))
    whole = staging / "whole"
    with tarfile.open(whole, "w:gz", compresslevel=6) as archive:
        for name, file in [(MANIFEST, staging / MANIFEST), *members.items()]:
            _put(archive, name, file)
    _publish(whole, target)
    return BackedUp(
        path=str(target),
        bytes=target.stat().st_size,
        projects=manifest.projects,
        files=len(members),
    )


def _members(world: World, staging: Path, projects: list[Project]) -> Iterator[tuple[str, Path]]:
    """Give name and file of everything. The vaults come after the database: they hold at least
    what it speaks of. Files of others' making are copied first, so that they are read once."""
    yield world.snapshots.name, staging / world.snapshots.name
    if world.shared:
        yield PROJECTS, staging / PROJECTS
    home = world.home
    for name in _SINGLE:
        yield from _copied(home.root / name, staging, name)
    for folder in _FOLDERS:
        yield from _tree(home.root / folder, staging, folder)
    for project in projects:
        place = f"projects/{project.name}"
        yield from _copied(home.pipeline(project.name), staging, f"{place}/pipeline.yaml")
        yield from _cards(home, project.name, staging, place)
        bundle = staging / f"{project.name}.bundle"
        if home.vault(project.name).is_dir() and world.vault.bundle(project, bundle):
            yield f"{place}/{BUNDLE}", bundle
            cut = bundle.with_suffix(CUT)
            if cut.is_file():
                yield f"{place}/{Path(BUNDLE).with_suffix(CUT)}", cut


def _cards(home: Home, name: str, staging: Path, place: str) -> Iterator[tuple[str, Path]]:
    folder = home.cards(name)
    for file in sorted(folder.iterdir()) if folder.is_dir() else ():
        yield from _copied(file, staging, f"{place}/cards/{file.name}")


def _tree(folder: Path, staging: Path, name: str) -> Iterator[tuple[str, Path]]:
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(one for one in folders if not (Path(here) / one).is_symlink())
        inside = Path(here).relative_to(folder).as_posix()
        for file in sorted(files):
            member = f"{name}/{file}" if inside == "." else f"{name}/{inside}/{file}"
            yield from _copied(Path(here) / file, staging, member)


def _copied(file: Path, staging: Path, name: str) -> Iterator[tuple[str, Path]]:
    """Copy a plain file into the staging folder; what is none, or is gone by now, is left out."""
    if file.is_symlink() or not file.is_file() or not name.isprintable():
        return
    copy = staging / "files" / name
    copy.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copy2(file, copy, follow_symlinks=False)
    except FileNotFoundError:
        return
    yield name, copy


def _put(archive: tarfile.TarFile, name: str, file: Path) -> None:
    member = tarfile.TarInfo(name)
    facts = file.stat()
    member.size, member.mode, member.mtime = facts.st_size, 0o600, int(facts.st_mtime)
    with file.open("rb") as content:
        archive.addfile(member, content)


def _publish(whole: Path, target: Path) -> None:
    """Put the finished archive at its place, durable and never over another file."""
    beside = target.with_name(f".{target.name}.tmp")
    try:
        shutil.copyfile(whole, beside)
        beside.chmod(0o600)
        with beside.open("rb+") as file:
            os.fsync(file.fileno())
        os.link(beside, target)
    except FileExistsError as err:
        raise Misuse("file-exists", f"{target} is there already", hint="sps backup OTHER") from err
    except OSError as err:
        says = f"{target} cannot be written: {err.strerror}"
        raise Misuse("unwritable-file", says, hint="sps backup OTHER") from err
    finally:
        beside.unlink(missing_ok=True)


def digest(file: Path) -> str:
    """Return the sha256 of a file."""
    found = hashlib.sha256()
    with file.open("rb") as content:
        while chunk := content.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()
