"""A home made again from a backup: unpacked beside the one that is there, checked, then swapped."""

from __future__ import annotations

import os
import shutil
import tarfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import msgspec

from sps.model.errors import Misuse, NewerData
from sps.model.project import Project
from sps.ports.vault import CUT
from sps.services.backup_home import BUNDLE, FORMAT, MANIFEST, PROJECTS, Manifest, digest

if TYPE_CHECKING:
    from sps.ports.world import World

_MANIFEST_LIMIT = 64 << 20


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """A home that was restored. `kept` is where the one before it is."""

    home: str
    taken_at: str
    projects: list[str]
    kept: str | None


def unpack(archive: Path, target: Path) -> Manifest:
    """Unpack a backup into an empty folder and check every file of it.

    Raises `Misuse` (unreadable-file, bad-backup), `NewerData` for one that a newer program wrote.
    """
    try:
        with tarfile.open(archive, "r:gz") as opened:
            manifest = _manifest(opened, archive)
            _extract(opened, manifest, target, archive)
    except FileNotFoundError as err:
        raise Misuse("unreadable-file", f"there is no file {archive}") from err
    except (tarfile.TarError, EOFError, OSError, ValueError) as err:
        raise _bad(archive, str(err)) from err
    return manifest


def rebuild(world: World) -> None:
    """Check the database of an unpacked backup and make the vaults from their bundles. Raises
    `Absent("database-broken")`, `NewerData`, `WorkFailed("git-failed")`, and `Misuse` with
    no-database or database-elsewhere when the cards cannot be kept where they were."""
    copy = world.home.root / world.snapshots.name
    if not copy.is_file():
        raise _elsewhere(world)
    world.snapshots.check(copy)
    for project in _projects(world):
        bundle = world.home.project(project.name) / BUNDLE
        if bundle.is_file():
            world.vault.unbundle(project, bundle)
            bundle.unlink()
            bundle.with_suffix(CUT).unlink(missing_ok=True)
        world.home.cards(project.name).mkdir(mode=0o700, parents=True, exist_ok=True)


def put_back(world: World, kept: Path) -> None:
    """Let the database of an unpacked backup be the one that many share; what was there is copied
    to `kept`. A database in a file of the home comes with the folder. Raises
    `Held("home-busy")`."""
    if not world.shared:
        return
    copy = world.home.root / world.snapshots.name
    if world.snapshots.there():
        world.snapshots.take(kept)
    world.snapshots.put_back(copy)
    copy.unlink()
    (world.home.root / PROJECTS).unlink(missing_ok=True)


def _projects(world: World) -> list[Project]:
    if not world.shared:
        return world.store.read(lambda tx: tx.projects())
    return msgspec.json.decode((world.home.root / PROJECTS).read_bytes(), type=list[Project])


def _elsewhere(world: World) -> Misuse:
    if world.shared:
        return Misuse(
            "database-elsewhere",
            "this is the backup of a home that keeps its cards in a file, and SPS_DATABASE names a"
            " database",
            hint="env -u SPS_DATABASE sps restore FILE",
        )
    return Misuse(
        "no-database",
        "this is the backup of a home that keeps its cards in PostgreSQL, and SPS_DATABASE names"
        " none",
        hint="SPS_DATABASE=postgresql://USER@HOST/DATABASE sps restore FILE",
    )


def aside(home: Path, stamp: str) -> Path:
    """Return where a home is kept that makes way for a restored one."""
    return home.with_name(f"{home.name}.before-restore-{stamp}")


def swap(home: Path, fresh: Path, stamp: str) -> Path | None:
    """Let `fresh` be the home; return where the one before is now. A stop in between leaves both
    as whole folders beside each other."""
    kept = None
    if home.is_dir() and any(home.iterdir()):
        kept = aside(home, stamp)
        os.rename(home, kept)
    elif home.is_dir():
        home.rmdir()
    os.rename(fresh, home)
    return kept


def _manifest(opened: tarfile.TarFile, archive: Path) -> Manifest:
    first = opened.next()
    if first is None or first.name != MANIFEST or first.size > _MANIFEST_LIMIT:
        raise _bad(archive, f"it does not begin with {MANIFEST}")
    content = opened.extractfile(first)
    raw = content.read() if content else b""
    try:
        found = msgspec.json.decode(raw, type=Manifest)
    except msgspec.DecodeError as err:
        raise _bad(archive, f"{MANIFEST}: {err}") from err
    if found.format > FORMAT:
        raise NewerData(
            "newer-data",
            f"{archive} was written by sps {found.version}, in a format that this program does not"
            " know",
            hint="install that version, or a newer one",
        )
    return found


def _extract(opened: tarfile.TarFile, manifest: Manifest, target: Path, archive: Path) -> None:
    missing = dict(manifest.files)
    while (member := opened.next()) is not None:
        wanted = missing.pop(member.name, None)
        if wanted is None or not member.isfile() or not _inside(member.name):
            raise _bad(archive, f"{member.name[:100]!r} does not belong into it")
        place = target / member.name
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        content = opened.extractfile(member)
        with place.open("xb") as file:
            os.fchmod(file.fileno(), 0o600)
            if content is not None:
                shutil.copyfileobj(content, file)
            file.flush()
            os.fsync(file.fileno())
        if digest(place) != wanted:
            raise _bad(archive, f"{member.name} was changed since it was written")
    if missing:
        raise _bad(archive, f"{next(iter(missing))} is missing")


def _inside(name: str) -> bool:
    path = PurePosixPath(name)
    return bool(name) and not path.is_absolute() and ".." not in path.parts and "\0" not in name


def _bad(archive: Path, why: str) -> Misuse:
    return Misuse("bad-backup", f"{archive} is no whole backup: {why}", where=str(archive))
