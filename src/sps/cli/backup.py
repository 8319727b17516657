"""`sps backup` and `sps restore`: a home as one file, and back."""

from __future__ import annotations

import itertools
import os
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sps.bootstrap import home_folder, open_world
from sps.cli.frame import Frame, changing
from sps.lib.times import compact, rfc3339
from sps.model.errors import Misuse, SpsError

if TYPE_CHECKING:
    from sps.bootstrap import Wired
    from sps.services.backup_home import BackedUp
    from sps.services.restore_home import Restored


@click.command("backup")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@changing
def backup(frame: Frame, file: Path | None) -> None:
    """Write this home to FILE (tar.gz; default: a dated name in the current folder).

    Database, cards, pipelines, skills and vaults, also while the daemon works. A database in
    PostgreSQL is copied by pg_dump. Logins of agents, tokens and the logs of runs are not in it.
    """
    from sps.services.backup_home import backup_home, planned

    with frame.world() as world:
        done = planned(world, file) if frame.dry_run else backup_home(world, file)
    frame.show(done, _planned_text if frame.dry_run else _backup_text)


def _planned_text(done: BackedUp) -> str:
    return f"{done.path} would hold {', '.join(done.projects) or 'no projects'}"


def _backup_text(done: BackedUp) -> str:
    names = ", ".join(done.projects) or "no projects"
    size = f"{done.bytes / 1024:.0f} KiB"
    return f"{done.path}: {names} ({size})\nto go back: sps restore {done.path}"


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--force", is_flag=True, help="Also when there is a home; it is moved aside.")
@changing
def restore(frame: Frame, file: Path, force: bool) -> None:
    """Make the home again from FILE: what sps backup wrote, or a sps.db.before-N, the copy of the
    database that an upgrade left beside it. Where SPS_DATABASE names a database, that is replaced
    too, in one step.

    Everything is checked before anything changes. A home that is there is kept beside the new one.
    """
    home = home_folder()
    if _unopened(home).snapshots.is_one(file):
        frame.show(_database(frame, home, file), _restore_text)
        return
    if not force:
        _refuse_to_replace(home, file)
    frame.show(_whole(frame, home, file), _restore_text)


def _refuse_to_replace(home: Path, file: Path) -> None:
    """Raise `Misuse("home-exists")` when there is something that would make way."""
    there = f"a home at {home}" if home.is_dir() and any(home.iterdir()) else ""
    world = _unopened(home)
    if not there and world.shared and world.snapshots.there():
        there = f"a board in {world.database}"
    if there:
        raise Misuse(
            "home-exists", f"there is {there}; with --force it is moved aside first",
            hint=f"sps restore {file} --force",
        )  # fmt: skip


def _unopened(home: Path) -> Wired:
    """Return the parts of a home that need not be there."""
    from sps.bootstrap import open_anywhere

    return open_anywhere(home)


def _database(frame: Frame, home: Path, file: Path) -> Restored:
    """Put a copy of the database back, and nothing else."""
    from sps.bootstrap.drain import alone
    from sps.services.restore_home import Restored

    world = _unopened(home)
    world.snapshots.check(file)
    kept = None
    if not frame.dry_run:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with alone(world.home.lock):
            kept = _kept(world)
            world.snapshots.put_back(file)
    at = rfc3339(int(file.stat().st_mtime * 1000))
    return Restored(home=str(home), taken_at=at, projects=[], kept=kept)


def _kept(world: Wired) -> str | None:
    """Copy the database that is there; a broken one is moved aside, with its log."""
    database = world.home.database
    if not world.snapshots.there():
        return None
    kept = world.home.root / _before(world, _stamp(world))
    try:
        world.snapshots.take(kept)
    except SpsError as err:
        if err.code != "database-broken" or world.shared:
            raise
        for ending in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                Path(f"{database}{ending}").rename(f"{kept}{ending}")
    return str(kept)


def _before(world: Wired, stamp: str) -> str:
    return f"{world.snapshots.name}.before-restore-{stamp}"


def _stamp(world: Wired) -> str:
    """Name this moment, so that nothing that is kept already has the name: there may have been
    another restore in the same second."""
    at = compact(world.clock.now())
    stamps = (at if number == 1 else f"{at}-{number}" for number in itertools.count(1))
    return next(one for one in stamps if not any(map(os.path.lexists, _places(world, one))))


def _places(world: Wired, stamp: str) -> tuple[Path, Path]:
    """Return where the database is kept that makes way, and the home."""
    from sps.services.restore_home import aside

    return world.home.root / _before(world, stamp), aside(world.home.root, stamp)


def _whole(frame: Frame, home: Path, file: Path) -> Restored:
    from sps.bootstrap.drain import alone
    from sps.lib.staging import staged
    from sps.services.backup_home import LOCK, RESTORING, sweep_leftovers
    from sps.services.restore_home import Restored, put_back, rebuild, swap, unpack

    world = _unopened(home)
    kept = None
    sweep_leftovers(world.home)
    with staged(lambda: home.with_name(f"{home.name}{RESTORING}{world.ids.new()}"), LOCK) as fresh:
        manifest = unpack(file, fresh)
        inner = open_world(fresh)
        try:
            rebuild(inner)
        finally:
            if "store" in vars(inner):
                inner.store.close()
        if not frame.dry_run:
            there = home.is_dir() and any(home.iterdir())
            with alone(world.home.lock) if there else nullcontext():
                stamp = _stamp(world)
                put_back(inner, fresh / _before(inner, stamp))
                kept = swap(home, fresh, stamp)
    return Restored(
        home=str(home),
        taken_at=manifest.taken_at,
        projects=manifest.projects,
        kept=str(kept) if kept else None,
    )


def _restore_text(done: Restored) -> str:
    what = ", ".join(done.projects) or "the database"
    parts = [f"{done.home} holds {what} as of {done.taken_at}"]
    if done.kept:
        parts.append(f"what was there before is kept: {done.kept}")
    return "\n".join([*parts, "next: sps verify"])
